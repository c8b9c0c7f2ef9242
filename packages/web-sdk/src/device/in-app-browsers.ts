/** Browsers inside other apps, by what they write into the user agent. Some do not hand links to the Myna app; the page only warns. */
export interface InAppBrowser {
  readonly name: string;
  readonly userAgent: RegExp;
}

export const IN_APP_BROWSERS: readonly InAppBrowser[] = [
  { name: 'LINE', userAgent: /\bLine\//i },
  { name: 'Instagram', userAgent: /\bInstagram\b/ },
  { name: 'Facebook', userAgent: /\bFBA[NV]\b|\bFB_IAB\b/ },
  { name: 'X', userAgent: /\bTwitter(?:Android| for iPhone)\b/ },
  { name: 'TikTok', userAgent: /\bBytedanceWebview\b|\bmusical_ly\b|\bTikTok\b/i },
  { name: 'Yahoo! JAPAN', userAgent: /\bYJApp-(?:IOS|ANDROID)\b/i },
  { name: 'Google', userAgent: /\bGSA\// },
  { name: 'WebView', userAgent: /;\s*wv\)/ },
];
