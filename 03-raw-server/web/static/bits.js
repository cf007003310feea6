// A frame as bits: which fields its header has, and where they stand.

// hexBytes reads "818537" as [0x81, 0x85, 0x37].
export const hexBytes = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));

export const hex = (byte) => byte.toString(16).padStart(2, '0');
export const binary = (byte) => byte.toString(2).padStart(8, '0');

// onWire is the payload as it was sent: masked, if the frame is.
export function onWire(frame) {
  const key = hexBytes(frame.key ?? '');
  return hexBytes(frame.payload).map((byte, i) => (key.length ? byte ^ key[i % 4] : byte));
}

// fields of a frame, in their order: id, the name in the RFC, the number of
// bits, and its value. A field of bytes has them one by one.
export function fields(frame) {
  const header = hexBytes(frame.header);
  const flag = (id, name, bit) => ({ id, name, bits: 1, value: header[0] >> bit & 1 });
  const masked = header[1] >> 7;
  const seven = header[1] & 127;
  const list = [
    flag('fin', 'FIN', 7), flag('rsv1', 'RSV1', 6), flag('rsv2', 'RSV2', 5), flag('rsv3', 'RSV3', 4),
    { id: 'opcode', name: 'opcode', bits: 4, value: header[0] & 15 },
    { id: 'mask', name: 'MASK', bits: 1, value: masked },
    { id: 'len', name: 'Payload len', bits: 7, value: seven },
  ];
  if (seven > 125) {
    list.push({ id: 'ext', name: 'Extended payload length', bits: seven === 126 ? 16 : 64, value: frame.length });
  }
  if (masked) list.push({ id: 'key', name: 'Masking-key', bits: 32, bytes: [...header.slice(-4)] });
  return list;
}

// cells breaks fields into what stands in one row each: a field goes on in
// the next row, and bytes stand apart. at is the first bit, in the frame.
export function cells(list, columns) {
  const out = [];
  let at = 0;
  for (const field of list) {
    const end = at + field.bits;
    for (let part = 0; at < end; part++) {
      const room = field.bytes ? 8 : columns - at % columns;
      const bits = Math.min(room, end - at);
      out.push({ field, part, at, bits, row: Math.floor(at / columns), column: at % columns });
      at += bits;
    }
  }
  if (out.length) out.at(-1).end = true;
  return out;
}
