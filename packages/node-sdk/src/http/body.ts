/** Reads a request body within its bounds. Bytes and time are counted while it arrives, whatever Content-Length says. */
import { JpkiError } from '@jpki-rp/verifier';
import { type JsonObject, parseJsonObject } from '../json/parse.ts';

export interface BodyLimits {
  readonly maxBytes: number;
  readonly seconds: number;
}

/** Throws `request-too-large`, `request-timeout`, or `request-invalid` for a body that is not `application/json`. */
export async function readJsonBytes(request: Request, limits: BodyLimits): Promise<Uint8Array> {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') throw new JpkiError('request-invalid', 'the content type must be application/json');
  if (Number(request.headers.get('content-length') ?? 0) > limits.maxBytes) throw new JpkiError('request-too-large');
  if (request.body === null) throw new JpkiError('request-invalid', 'the body is empty');
  const reader: ReadableStreamDefaultReader<Uint8Array> = request.body.getReader();
  const late = Symbol('late');
  let timer: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<typeof late>((resolve) => {
    timer = setTimeout(() => resolve(late), limits.seconds * 1_000);
  });
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      const next = await Promise.race([reader.read(), deadline]);
      if (next === late) throw new JpkiError('request-timeout');
      if (next.done) return Buffer.concat(chunks, length);
      length += next.value.byteLength;
      if (length > limits.maxBytes) throw new JpkiError('request-too-large');
      chunks.push(next.value);
    }
  } catch (error) {
    // Not cancelled: that would tear down the connection over which the refusal still has to go. The answer closes it.
    if (error instanceof JpkiError) throw error;
    throw new JpkiError('request-invalid', 'the body ended before its time');
  } finally {
    clearTimeout(timer);
  }
}

/** The same, as a JSON object. */
export async function readJsonObject(request: Request, limits: BodyLimits): Promise<JsonObject> {
  const parsed = parseJsonObject(await readJsonBytes(request, limits));
  if (parsed === null) throw new JpkiError('request-invalid', 'the body is not one unambiguous JSON object');
  return parsed;
}
