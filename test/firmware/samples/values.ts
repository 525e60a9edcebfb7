/** Operators, destructuring, arrays, strings, objects, typed arrays: what the compiler rewrites for ES5, and the rest. */

/** 1, but the minifier does not know: what it cannot calculate, the interpreter has to. */
const ONE = parseInt('1', 10);

interface Place {
  name?: string;
  at?: { x: number; y?: number } | undefined;
  find?: (name: string) => string | undefined;
}

const here: Place = { name: 'here', at: { x: 3 }, find: (name) => `found ${name}` };
const nowhere: Place = {};
const missing = undefined as Place | undefined;
print(here.at?.x ?? -1, here.at?.y ?? -2, nowhere.at?.x ?? -3, missing?.at?.x ?? -4);
print(here.find?.('it') ?? 'none', nowhere.find?.('it') ?? 'none', missing?.find?.('it') ?? 'none');
const zero = 0 as number | undefined;
const empty = '' as string | null;
print(zero ?? 9, zero || 9, empty ?? 'kept', empty || 'replaced');
let assigned: number | undefined;
assigned ??= 4;
assigned ||= 5;
assigned &&= 6;
print(assigned);

const [one, , three = 30, four = 40, ...others] = [1, 2, 3, undefined, 5, 6];
const { name, at: { x: across, y: down = 8 } = { x: 0 } } = here;
print(one ?? 0, three, four, others.length, name ?? '', across, down);
function spread({ a, b = 2 }: { a: number; b?: number }, [c, d]: [number, number]): number {
  return a * 1000 + b * 100 + c * 10 + d;
}
print(spread({ a: 1 }, [3, 4]), spread({ a: 1, b: 9 }, [8, 7]));
let left = 1;
let right = 2;
[left, right] = [right, left];
print(left, right);

print((2 * ONE) ** 10, (-3 * ONE) ** 2, 7 % (3 * ONE), (-7 * ONE) % 3, ONE << 4, -ONE >>> 28, (-9 * ONE) >> 1);
print((5 * ONE) & 3, 5 | (3 * ONE), (5 * ONE) ^ 3, ~(5 * ONE), -(-5 * ONE), ONE !== 1 ? 'no' : 'yes');
let power = 3 * ONE;
power **= 3;
power -= 1;
power <<= 2;
print(power, power++, ++power, power--, -power, +'12', ONE / 4, 3 > 2 * ONE ? 'more' : 'less');
print(
  (0xffffffff * ONE) | 0,
  (0x80000000 * ONE) | 0,
  0x7fffffff + ONE,
  (0x7fffffff + ONE) | 0,
  (0xdeadbeef * ONE) >>> 0,
);
print(4294967295 + ONE, 0x80000000 * ONE, (0xffff * ONE) << 16, ((0xffff * ONE) << 16) >>> 0, 65536 * 65536 * ONE);
print(Math.floor(-1.5 * ONE), Math.ceil(1.2 * ONE), Math.round(2.5 * ONE), Math.max(ONE, 9, 3), Math.min(4, ONE));
print(Math.abs(-6 * ONE), 2 ** ONE, 3798144000 * ONE, -(2147483648 * ONE), 1e3 * ONE);

const list = [5, 3, 8, 1];
const copy = [...list, 4, ...[2, 6]];
copy.sort((a, b) => a - b);
print(list.join(), copy.join(), copy.indexOf(8), list.concat([7]).length);
print(
  list
    .map((n) => n * 2)
    .filter((n) => n > 5)
    .join('+'),
  list.reduce((sum, n) => sum + n, 0),
);
let total = 0;
for (const n of list) total += n;
for (const letter in { p: 1, q: 2 }) total += letter.length;
print(total, list.slice(1, 3).join(), list.splice(1, 2).join(), list.join(), list.pop() ?? 0, list.push(1, 2));
print(list.some((n) => n === 2) ? 'some' : 'none', list.every((n) => n > 1) ? 'every' : 'not', list.reverse().join());

const text = 'Espruino';
print(
  `${text} has ${text.length} letters, ${text.charAt(2)} and ${text.charCodeAt(0)}`,
  text.slice(-3),
  text.indexOf('u'),
);
print(text.split('r').join('|'), text.substring(1, 3), text.toUpperCase(), text < 'F' ? 1 : 0, String(12) + 3);
print('tab\there', 'quote"\'', 'back\\slash', 'nul\x00'.length, '\u0041');

const table: { [key: string]: number } = { first: 1, second: 2 };
const merged = { ...here, name: 'merged', extra: 5 };
print(Object.keys(table).length, merged.name, merged.extra, merged.at?.x ?? 0, 'name' in merged ? 'in' : 'out');
delete merged.at;
print(
  merged.at === undefined ? 'gone' : 'there',
  typeof merged.find,
  typeof null,
  typeof missing,
  typeof 1,
  typeof 'a',
);

const bytes = new Uint8Array([1, 2, 300, -1]);
const part = bytes.subarray(1, 3);
part[0] = 77;
const words = new Uint32Array(bytes.buffer, 0, 1);
bytes.set([9, 8], 2);
const window8 = new Uint8Array(bytes.buffer, 2, 2);
const doubles = new Float64Array([0.5, -2]);
const small = new Int16Array([40000, -40000]);
print(bytes.length, bytes[0] ?? 0, bytes[1] ?? 0, bytes[2] ?? 0, part.length, words.length, window8[1] ?? 0);
print((words[0] as number) >>> 0, doubles[0] ?? 0, small[0] ?? 0, small[1] ?? 0, new Uint8Array(bytes)[1] ?? 0);
let sum = 0;
for (let i = 0; i < bytes.length; i++) sum += bytes[i] as number;
print(sum, new Uint8Array(3).length, bytes.buffer.byteLength, part.byteOffset);

let comma = 0;
const grid = [
  [1, 2],
  [3, 4],
];
for (let i = 0, j = 1; i < 2; i++, j--) comma += (grid[i] as number[])[j] as number;
const flags = { isOn: true, isOff: false };
print(
  comma,
  flags.isOn && !flags.isOff ? 'on' : 'off',
  flags.isOff ? 1 : 'instead',
  flags.isOn ? 1 : 0,
  void 0 === missing ? 1 : 0,
);
let count = 3 * ONE;
do count--;
while (count > 0);
print(count, JSON.stringify([1, 'a', [true, null]]), parseInt('42', 10));
