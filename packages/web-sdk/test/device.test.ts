import { describe, expect, it } from 'vitest';
import { deviceOf, inAppBrowserOf } from '../src/device/device.ts';

const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1';
const PIXEL = 'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36';
const TABLET = 'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36';
const WINDOWS = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36';
const IPAD = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15';

it.each([
  [IPHONE, 'phone'],
  [PIXEL, 'phone'],
  [TABLET, 'desktop'],
  [WINDOWS, 'desktop'],
  [IPAD, 'desktop'],
  ['', 'desktop'],
] as const)('%s is a %s', (userAgent, device) => {
  expect(deviceOf({ userAgent })).toBe(device);
});

it('the browser’s own hint outweighs the user agent of an Android device', () => {
  expect(deviceOf({ userAgent: TABLET, mobileHint: true })).toBe('phone');
});

describe('browsers inside other apps', () => {
  it.each([
    [`${IPHONE} Line/15.4.1`, 'LINE'],
    [`${IPHONE} Instagram 390.0`, 'Instagram'],
    [`${PIXEL} [FB_IAB/FB4A;FBAV/500.0]`, 'Facebook'],
    ['Mozilla/5.0 (Linux; Android 14; Pixel 8; wv) AppleWebKit/537.36 Chrome/141 Mobile Safari/537.36', 'WebView'],
  ])('%s is told apart', (userAgent, name) => {
    expect(inAppBrowserOf(userAgent)).toBe(name);
  });
  it.each([IPHONE, PIXEL, WINDOWS, IPAD])('%s is none', (userAgent) => {
    expect(inAppBrowserOf(userAgent)).toBeNull();
  });
  it('the list is configuration', () => {
    expect(inAppBrowserOf('x Corp/1', [{ name: 'Corp', userAgent: /Corp\// }])).toBe('Corp');
  });
});
