/** Made-up municipalities. Each has its own CRL partition per class and generation; its `id` is the partition's name in URLs. */
export interface Municipality {
  readonly id: string;
  readonly name: string;
  readonly romaji: string;
  readonly prefecture: { readonly name: string; readonly romaji: string };
  /** Five digits, outside the range of real codes. */
  readonly code: string;
  readonly towns: readonly string[];
}

const KAKUU = { name: '架空県', romaji: 'Kakuu-ken' };
const TATOE = { name: '例府', romaji: 'Tatoe-fu' };

export const MUNICIPALITIES: readonly Municipality[] = [
  { id: 'minori-shi', name: '実里市', romaji: 'Minori-shi', prefecture: KAKUU, code: '99011', towns: ['本町', '緑ヶ丘', '港北台'] },
  { id: 'hoshikaze-shi', name: '星風市', romaji: 'Hoshikaze-shi', prefecture: KAKUU, code: '99012', towns: ['星見町', '中央', '風の森'] },
  {
    id: 'asagiri-machi',
    name: '朝霧野町',
    romaji: 'Asagirino-machi',
    prefecture: KAKUU,
    code: '99013',
    towns: ['大字上野原', '大字清水', '駅前'],
  },
  {
    id: 'sazanami-shi',
    name: '漣浜市',
    romaji: 'Sazanamihama-shi',
    prefecture: TATOE,
    code: '99021',
    towns: ['海岸通', '汐入町', '桜木町'],
  },
  { id: 'tsukiyama-ku', name: '月山手区', romaji: 'Tsukiyamate-ku', prefecture: TATOE, code: '99022', towns: ['坂上', '山手町', '東月台'] },
  {
    id: 'komorebi-mura',
    name: '木漏日村',
    romaji: 'Komorebi-mura',
    prefecture: TATOE,
    code: '99023',
    towns: ['大字杉谷', '大字水上', '大字日向'],
  },
];

/** By id, or by the Japanese name. Throws for a municipality that was not made up here. */
export function municipalityOf(name: string): Municipality {
  const found = MUNICIPALITIES.find((municipality) => municipality.id === name || municipality.name === name);
  if (found === undefined) throw new RangeError(`no such municipality; known: ${MUNICIPALITIES.map(({ id }) => id).join(', ')}`);
  return found;
}
