import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import test from 'ava';
import fc from 'fast-check';
import { der, objectIdentifier, readDer, SEQUENCE } from '../src/kernel/der.ts';
import { compareFirmware, firmwareList, parseFirmware } from '../src/kernel/firmware.ts';
import { readModinfo } from '../src/kernel/modinfo.ts';
import { signDetached, signerOf, verifyDetached } from '../src/kernel/pkcs7.ts';
import { joinModule, splitModule } from '../src/kernel/signature.ts';

const PEM = readFileSync('recipes/proxmox-kernel/debian/signing/test-key.pem', 'utf8');
const KEY = createPrivateKey(PEM);
const CERTIFICATE = new X509Certificate(PEM.slice(PEM.indexOf('-----BEGIN CERTIFICATE')));

/** An ELF object with one section .modinfo, as small as it can be. */
function elf(modinfo: string, { wide = true, little = true } = {}): Uint8Array {
  const names = Buffer.from('\0.modinfo\0.shstrtab\0', 'latin1');
  const info = Buffer.from(modinfo, 'utf8');
  const head = wide ? 64 : 52;
  const each = wide ? 64 : 40;
  const table = head + names.length + info.length;
  const bytes = Buffer.concat([Buffer.alloc(head), names, info, Buffer.alloc(each * 3)]);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, little ? 1 : 2]);
  const word = (at: number, value: number) => (wide ? view.setBigUint64(at, BigInt(value), little) : view.setUint32(at, value, little));
  word(wide ? 40 : 32, table);
  for (const [index, value] of [each, 3, 2].entries()) view.setUint16((wide ? 58 : 46) + 2 * index, value, little);
  const section = (index: number, name: number, offset: number, size: number) => {
    view.setUint32(table + index * each, name, little);
    word(table + index * each + (wide ? 24 : 16), offset);
    word(table + index * each + (wide ? 32 : 20), size);
  };
  section(1, 1, head + names.length, info.length);
  section(2, 10, head, names.length);
  return bytes;
}

for (const wide of [true, false]) {
  for (const little of [true, false]) {
    test(`.modinfo of an object of ${wide ? 64 : 32} bits, ${little ? 'little' : 'big'} endian`, (t) => {
      const object = elf('license=GPL\0firmware=a/b.bin\0alias=x=y\0', { wide, little });
      t.deepEqual(readModinfo(object), [
        ['license', 'GPL'],
        ['firmware', 'a/b.bin'],
        ['alias', 'x=y'],
      ]);
    });
  }
}

test('no bytes make the reader of .modinfo throw', (t) => {
  const object = elf('firmware=a\0');
  const broken = fc
    .array(fc.tuple(fc.nat({ max: object.length - 1 }), fc.nat({ max: 255 })), { minLength: 1, maxLength: 8 })
    .map((changes) => {
      const bytes = Uint8Array.from(object);
      for (const [at, value] of changes) bytes[at] = value;
      return bytes;
    });
  fc.assert(
    fc.property(fc.oneof(broken, fc.uint8Array({ maxLength: 200 })), fc.nat({ max: 300 }), (bytes, cut) => {
      readModinfo(bytes);
      readModinfo(bytes.subarray(0, cut));
    }),
  );
  t.pass();
});

test('firmware is listed once a module, and compared with what was accepted', (t) => {
  const list = firmwareList([
    { path: 'kernel/z.ko', bytes: elf('firmware=b\0firmware=a\0firmware=b\0') },
    { path: 'kernel/a.ko', bytes: elf('firmware=b\0') },
    { path: 'kernel/broken.ko', bytes: new Uint8Array(3) },
  ]);
  t.deepEqual(list, ['a kernel/z.ko', 'b kernel/a.ko', 'b kernel/z.ko']);
  t.deepEqual(compareFirmware(parseFirmware('# accepted\nb kernel/a.ko\nold kernel/a.ko\n'), list), {
    came: ['a kernel/z.ko', 'b kernel/z.ko'],
    gone: ['old kernel/a.ko'],
  });
});

test('a signature comes off as it was put on', (t) => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array({ minLength: 1 }), (body, signature) => {
      const split = splitModule(joinModule({ body, signature }));
      t.deepEqual(Buffer.from(split.body), Buffer.from(body));
      t.deepEqual(Buffer.from(split.signature ?? []), Buffer.from(signature));
    }),
  );
  const plain = Buffer.from('no signature');
  t.deepEqual(splitModule(plain), { body: plain, signature: undefined });
  t.is(splitModule(joinModule({ body: plain, signature: Buffer.from('x') }).subarray(5)).signature?.length, 1);
});

test('an object identifier and a long value are written as DER has them', (t) => {
  t.is(Buffer.from(objectIdentifier('1.2.840.113549.1.7.2')).toString('hex'), '06092a864886f70d010702');
  const long = der(SEQUENCE, new Uint8Array(300));
  t.is(Buffer.from(long.subarray(0, 4)).toString('hex'), '3082012c');
  t.is(readDer(long)?.[0]?.content.length, 300);
});

test('no bytes make the reader of DER throw', (t) => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      readDer(bytes);
      verifyDetached(bytes, bytes, CERTIFICATE);
    }),
  );
  t.pass();
});

test('a module is signed the same each time, and a flipped bit is found', (t) => {
  const signer = signerOf(KEY, CERTIFICATE);
  if (!signer.ok) return t.fail(signer.error.message);
  const body = Buffer.from('a module');
  const signature = signDetached(body, signer.value);
  t.deepEqual(signDetached(body, signer.value), signature);
  t.true(verifyDetached(body, signature, CERTIFICATE));
  t.false(verifyDetached(Buffer.from('another'), signature, CERTIFICATE));
});

test('keys that do not fit are refused', (t) => {
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey;
  const reason = (key: typeof other) => {
    const signer = signerOf(key, CERTIFICATE);
    return signer.ok ? undefined : signer.error.reason;
  };
  t.is(reason(other), 'key-certificate');
  t.is(reason(ec), 'key-type');
});
