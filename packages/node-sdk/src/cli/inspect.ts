/** `inspect`: a certificate, CRL or OCSP response as people read it. */
import { type Inspection, inspect } from '@jpki-rp/verifier/inspect';
import { derOf, fault } from './files.ts';
import { type Answer, EXIT, type Language, table } from './terminal.ts';

export const inspectFile = async (path: string, showAttributes: boolean, language: Language): Promise<Answer> => {
  const inspection = inspect(await derOf(path), { attributes: showAttributes ? 'show' : 'hide' });
  if (inspection === null) {
    throw fault(`証明書・CRL・OCSP応答のいずれでもありません: ${path}`, `neither certificate, CRL nor OCSP response: ${path}`);
  }
  return { exit: EXIT.ok, json: inspection, lines: linesOf(inspection, language) };
};

type Row = readonly [ja: string, en: string, value: string | number | null | undefined];

const linesOf = (view: Inspection, language: Language): string[] => {
  const rows: readonly Row[] = [...rowsOf(view), ['SHA-256', 'SHA-256', view.sha256], ['バイト数', 'bytes', view.bytes]];
  return table(rows.map(([ja, en, value]) => [language === 'ja' ? ja : en, value] as const));
};

const rowsOf = (view: Inspection): readonly Row[] => {
  switch (view.kind) {
    case 'certificate': {
      const { attributes } = view;
      return [
        ['種類', 'kind', view.ca ? 'CA certificate' : 'certificate'],
        ['シリアル番号', 'serial number', view.serialNumber],
        ['発行者', 'issuer', view.issuer],
        ['主体者', 'subject', view.subject],
        ['有効期間の開始', 'not before', view.notBefore],
        ['有効期間の終了', 'not after', view.notAfter],
        ['公開鍵', 'public key', view.publicKey],
        ['署名アルゴリズム', 'signature algorithm', view.signatureAlgorithm],
        ['鍵用途', 'key usage', view.keyUsage.join(', ')],
        ['拡張鍵用途', 'extended key usage', view.extendedKeyUsage.join(', ')],
        ['証明書ポリシー', 'certificate policies', view.policies.join(', ')],
        ['発行者鍵識別子', 'authority key id', view.authorityKeyId],
        ['主体者鍵識別子', 'subject key id', view.subjectKeyId],
        ['CRL配布点', 'CRL distribution points', view.distributionPoints.join(' | ')],
        ['AIA（参照しません）', 'AIA (never followed)', view.authorityInfoAccess.join(' | ')],
        ['拡張', 'extensions', view.extensions.map(({ oid, critical }) => (critical ? `${oid}!` : oid)).join(', ')],
        ...(attributes === undefined
          ? ([['個人属性', 'personal attributes', view.hasAttributes ? '— (--show-attributes)' : null]] as const)
          : ([
              ['氏名', 'name', attributes.name],
              ['生年月日', 'date of birth', attributes.dateOfBirth],
              ['性別', 'gender', attributes.gender],
              ['住所', 'address', attributes.address],
              ['氏名の代替文字', 'name substitution', attributes.nameSubstitution],
              ['住所の代替文字', 'address substitution', attributes.addressSubstitution],
            ] as const)),
      ];
    }
    case 'crl':
      return [
        ['種類', 'kind', view.baseCrlNumber === null ? 'CRL' : 'delta CRL'],
        ['発行者', 'issuer', view.issuer],
        ['発行日時', 'this update', view.thisUpdate],
        ['次回更新', 'next update', view.nextUpdate],
        ['CRL番号', 'CRL number', view.crlNumber],
        ['基となるCRL番号', 'base CRL number', view.baseCrlNumber],
        ['発行者鍵識別子', 'authority key id', view.authorityKeyId],
        ['配布点', 'distribution point', view.distributionPoints.join(' | ')],
        ['件数', 'entries', view.entries],
        ['署名アルゴリズム', 'signature algorithm', view.signatureAlgorithm],
      ];
    case 'ocsp-response':
      return [
        ['種類', 'kind', 'OCSP response'],
        ['応答', 'response status', view.status],
        ['作成日時', 'produced at', view.producedAt],
        ['レスポンダ', 'responder', view.responder],
        ['ノンス', 'nonce', view.nonce],
        ...view.responses.flatMap(
          ({ serialNumber, status, reason, revokedAt, thisUpdate, nextUpdate }) =>
            [
              ['シリアル番号', 'serial number', serialNumber],
              ['状態', 'status', [status, reason, revokedAt].filter((part) => part !== undefined).join(' ')],
              ['更新', 'this update', thisUpdate],
              ['次回更新', 'next update', nextUpdate],
            ] as const,
        ),
        ['同梱の証明書', 'certificates', view.certificates.join(' | ')],
      ];
  }
};
