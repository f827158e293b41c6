import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { signatureOf } from './signature.ts';

it('signs as node:crypto does, whatever secret and text', () => {
  const texts = fc.string({ unit: 'binary', maxLength: 200 });
  fc.assert(
    fc.property(texts, texts, (secret, text) => {
      const expected = createHmac('sha256', secret).update(text).digest('hex');
      expect(signatureOf(secret, text)).toBe(expected);
      expect(signatureOf(secret, text)).toBe(expected);
    }),
  );
});
