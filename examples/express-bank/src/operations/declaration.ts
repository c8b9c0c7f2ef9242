/** The text that a customer signs. It is made on the server from what the server stored; the page only shows it. */
import { type Application, BRANCHES, PURPOSES } from '../accounts/account.ts';
import { BANK } from '../name.ts';

export const declarationOf = ({ branch, purpose }: Application, at: Date): string =>
  [
    '口座開設の申込み及び反社会的勢力でないことの表明',
    '',
    `${BANK.ja} 御中`,
    '',
    '私は、次のとおり普通預金口座の開設を申し込みます。',
    `　取扱店　　${BRANCHES[branch].ja}(店番 ${BRANCHES[branch].code})`,
    '　商品　　　普通預金',
    `　取引目的　${PURPOSES[purpose].ja}`,
    `　申込日　　${japaneseDate(at)}`,
    '',
    '私は、この申込みにあたり、次の事項を表明し、確約します。',
    '一　暴力団員、暴力団準構成員、総会屋その他これらに準ずる反社会的勢力に、現在該当せず、将来にわたっても該当しないこと。',
    '二　自ら又は第三者を利用して、暴力的な要求行為、法的な責任を超えた不当な要求行為をしないこと。',
    '三　この口座を他人に譲渡し、又は他人に使用させないこと。',
    '四　外国の重要な公的地位にある者(外国 PEPs)に該当しないこと。',
    '',
    '署名用電子証明書に記録された氏名、住所、生年月日及び性別を、本人特定事項として届け出ます。',
  ].join('\n');

const japaneseDate = (at: Date): string =>
  new Intl.DateTimeFormat('ja-JP', { timeZone: 'Asia/Tokyo', year: 'numeric', month: 'long', day: 'numeric' }).format(at);
