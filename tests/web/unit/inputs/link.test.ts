// Which links can be opened, and which host they name.
import { describe, expect, it } from 'vitest';
import { parseLink } from '../../../../web/src/inputs/link';

describe('parseLink', () => {
  it.each([
    [' https://example.org/models/My%20Net.onnx?raw=1 ', 'example.org', 'My Net.onnx'],
    ['https://example.org:8443/', 'example.org:8443', 'model.onnx'],
    ['https://example.org/%E0%A4%A', 'example.org', '%E0%A4%A'],
    ['http://localhost:8000/a.onnx', 'localhost:8000', 'a.onnx'],
  ])('reads %s', (text, host, name) => {
    expect(parseLink(text)).toMatchObject({ host, name });
  });

  it.each(['', 'model.onnx', 'http://example.org/a.onnx', 'ftp://example.org/a', 'javascript:alert(1)', 'data:,x'])(
    'refuses %s',
    (text) => expect(parseLink(text)).toBeNull(),
  );
});
