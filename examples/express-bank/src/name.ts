/** A bank that does not exist. */
export const BANK = { ja: 'こもれび銀行', en: 'Komorebi Bank' } as const;
