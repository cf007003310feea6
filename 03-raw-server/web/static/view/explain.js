// What each field means, in this frame, and where that is written.

import { number, t } from '../i18n.js';
import { hex } from '../bits.js';

const opcodeSection = { text: '5.6', binary: '5.6', continuation: '5.4', close: '5.5.1', ping: '5.5.2', pong: '5.5.3' };

// explain is the field's value in a few letters, what it means, and its section.
export function explain(field, frame) {
  const { id, value } = field;
  const rfc = (n, document = '6455') => t('section', { rfc: document, n });
  switch (id) {
    case 'fin': return { value, why: value ? t('why.fin.set') : t('why.fin.clear'), section: rfc('5.4') };
    case 'rsv1': return value
      ? { value, why: t('why.rsv.set'), section: rfc('6', '7692') }
      : { value, why: t('why.rsv.clear'), section: rfc('5.2') };
    case 'rsv2':
    case 'rsv3': return { value, why: t('why.rsv.unused'), section: rfc('5.2') };
    case 'opcode': return {
      value: `0x${value.toString(16).toUpperCase()}`, name: frame.opcode,
      why: opcodeSection[frame.opcode] ? t(`opcode.${frame.opcode}`) : t('opcode.reserved'),
      section: rfc(opcodeSection[frame.opcode] ?? '5.2'),
    };
    case 'mask': return { value, why: value ? t('why.mask.set') : t('why.mask.clear'), section: rfc('5.1') };
    case 'len': return {
      value, section: rfc('5.2'),
      why: value < 126 ? t('why.len.short') : value === 126 ? t('why.len.sixteen') : t('why.len.sixtyfour'),
    };
    case 'ext': return {
      value: number(value), section: rfc('5.2'),
      why: field.bits === 16 ? t('why.ext.sixteen') : t('why.ext.sixtyfour'),
    };
    case 'key': return { value: field.bytes.map(hex).join(' '), why: t('why.key'), section: rfc('5.3') };
    default: return { // the payload
      value: '', section: frame.compressed ? rfc('6', '7692') : frame.key ? rfc('5.3') : rfc('5.2'),
      why: frame.compressed ? t('why.payload.deflated') : frame.key ? t('why.payload.masked') : t('why.payload.plain'),
    };
  }
}
