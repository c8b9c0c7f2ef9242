/** Guesses, and only guesses: they choose what is offered first, and the person can always choose otherwise. */
import { IN_APP_BROWSERS, type InAppBrowser } from './in-app-browsers.ts';

export interface DeviceFacts {
  readonly userAgent: string;
  /** `navigator.userAgentData.mobile`, where the browser has it. */
  readonly mobileHint?: boolean;
}

/** `phone`: the Myna app can be opened here. `desktop`: a QR code is shown for a phone. */
export function deviceOf(facts: DeviceFacts): 'phone' | 'desktop' {
  if (/\biPhone\b|\biPod\b/.test(facts.userAgent)) return 'phone';
  // An Android tablet has no My Number certificates of its own, but can carry the app and NFC; "Mobile" tells the phones.
  if (/\bAndroid\b/.test(facts.userAgent)) return (facts.mobileHint ?? /\bMobile\b/.test(facts.userAgent)) ? 'phone' : 'desktop';
  return facts.mobileHint === true ? 'phone' : 'desktop';
}

/** The app's name whose built-in browser this is, or `null`. */
export function inAppBrowserOf(userAgent: string, list: readonly InAppBrowser[] = IN_APP_BROWSERS): string | null {
  return list.find((entry) => entry.userAgent.test(userAgent))?.name ?? null;
}

export function factsOf(navigator: Navigator): DeviceFacts {
  const hints: unknown = Reflect.get(navigator, 'userAgentData');
  const mobile: unknown = typeof hints === 'object' && hints !== null ? Reflect.get(hints, 'mobile') : undefined;
  return {
    userAgent: navigator.userAgent,
    ...(typeof mobile === 'boolean' ? { mobileHint: mobile } : {}),
  };
}
