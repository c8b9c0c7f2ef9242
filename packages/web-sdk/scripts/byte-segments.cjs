// Stands in for qrcode's segment optimiser in the bundle: matrix.ts always encodes one byte segment, the rest would be dead weight.
const ByteData = require('qrcode/lib/core/byte-data.js');
exports.fromArray = (segments) => segments.map((segment) => new ByteData(segment.data));
