import test from 'ava';
import fc from 'fast-check';
import { sha256 } from '../src/base/digest.ts';
import { htmlText } from '../src/report/html.ts';
import { html, joined, markupText } from '../src/report/markup.ts';
import { deepLook, differentOutput, equalOutput, HOSTILE, LINE, report } from './helpers/reports.ts';

const page = (given: Parameters<typeof report>[0], scripts?: { first: string; second: string }) => htmlText(report(given), { scripts });

const shows = test.macro((t, value: string, expected: string) => {
  t.is(markupText(html`<p>${value}</p>`), `<p>${expected}</p>`);
});
test('text stays text', shows, 'a < b & "c"', 'a &lt; b &amp; &quot;c&quot;');
test('a control character is spelled out and set apart', shows, 'a\u001bb', 'a<i class="sign">\\x1b</i>b');
test('a direction mark is spelled out', shows, '\u202ea', '<i class="sign">\\u202e</i>a');
test('a backslash is one', shows, 'a\\b', 'a\\b');

test('a value in a tag can neither leave the attribute nor bring markup', (t) => {
  t.is(markupText(html`<a title="${'"><b>\n'}">`), '<a title="&quot;&gt;&lt;b&gt;\\x0a">');
  t.is(markupText(html`<a${html` class="${'x>'}"`} title="${'\u001b'}">`), '<a class="x&gt;" title="\\x1b">');
});

test('what was put in never decides where the template is', (t) => {
  t.is(markupText(html`<p>${'<'}${'\u001b'}</p>`), '<p>&lt;<i class="sign">\\x1b</i></p>');
  t.is(markupText(joined([html`<p>`, html`${'</p>'}`])), '<p>&lt;/p&gt;');
});

test('any text leaves no sign of its own that HTML would take', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const inside = markupText(html`${text}`).replaceAll(/<i class="sign">[^<>&]*<\/i>/g, '');
      return !/[<>"']/.test(inside);
    }),
  );
  t.pass();
});

/** Tags of the page, without text: the same for any names of the same number. */
const tags = (text: string): string =>
  text
    .replaceAll(/<i class="sign">[^<]*<\/i>/g, '')
    .replaceAll(/"[^"<>]*"/g, '""')
    .match(/<[^>]*>/g)
    ?.join('') ?? '';

for (const name of HOSTILE) {
  test(`the page has the same elements whatever a file is called: ${JSON.stringify(name)}`, (t) => {
    const of = (one: string) =>
      page({
        recipe: { name: one, digest: sha256('r') },
        artefacts: [
          {
            ...differentOutput(one, [
              [one, LINE],
              [`x${one}`, { kind: 'field', field: one, first: one, second: `${one}2` }],
              [`y${one}`, { kind: 'unreadable', side: 'both', why: one, offset: 0 }],
            ]),
            causes: [
              {
                name: one,
                confidence: 'likely',
                trail: [one, 'data.tar.xz', one],
                evidence: one,
                surrounding: null,
                remedy: 'Use `x`.',
                link: null,
              },
            ],
          },
        ],
        varied: [{ name: 'hostname', first: one, second: one }],
        notVaried: [{ name: 'clock', why: one }],
        deep: [deepLook(one, one)],
        failure: { kind: 'build-failed', reason: one, message: one, next: one, details: [one] },
      });
    // A long value stands in lines of its own, and a name that is not UTF-8 has no address.
    const plain = name.isWellFormed() ? 'a' : '\ud800';
    t.true(tags(of(name)) === tags(of(plain.repeat(name.length > 47 ? 60 : 10))));
    t.false(/[^\n\t\P{Cc}]|\p{Bidi_Control}/u.test(of(name)));
  });
}

test('nothing is loaded, and only our own script and style may run', (t) => {
  const text = page({ artefacts: [differentOutput('a.deb', [['./x', LINE]])] });
  t.regex(
    text,
    /default-src &#39;none&#39;; style-src &#39;sha256-[A-Za-z0-9+/]{43}=&#39;; script-src &#39;sha256-[A-Za-z0-9+/]{43}=&#39;;/,
  );
  t.notRegex(text, / (src|srcset|style|on\w+)=/);
  const addresses = [...text.matchAll(/href="([^"]*)"/g)].map(([, address = '']) => address);
  t.deepEqual(
    addresses.filter((address) => !/^(#|first\/)/.test(address)),
    [],
  );
});

test('a link of a cause is one only when it is https', (t) => {
  const cause = {
    name: 'timestamp',
    confidence: 'certain',
    trail: ['a.deb', 'data.tar.xz', './x'],
    evidence: 'e',
    surrounding: null,
    remedy: 'r',
  } as const;
  const of = (link: string) => page({ artefacts: [{ ...differentOutput('a.deb', [['./x', LINE]]), causes: [{ ...cause, link }] }] });
  t.true(of('https://example.org/').includes('href="https://example.org/"'));
  t.false(of('javascript:alert(1)').includes('javascript:'));
});

test('what diffoscope said stands in the page, with what it was given, what it missed and where all of it is', (t) => {
  const text = page({ artefacts: [differentOutput('a.deb', [['./x', LINE]])], deep: [deepLook('a.deb', 'objdump -d')] });
  t.regex(text, /<a href="#deep">Deep view<\/a>/);
  t.regex(text, /diffoscope 240 looked into 1 file of it for 3(\.0)? s/);
  t.regex(text, /Helpers that it missed: <span class="tag">objdump -d \(objdump -d\)<\/span>/);
  t.regex(text, /<a href="deep\/x\.html">html<\/a>/);
  t.regex(text, /<span class="l first">-at objdump/);
  t.notRegex(page({}), /id="deep"/);
});

test('the leaf that is read the soonest is open with all that leads to it, and nothing else', (t) => {
  const big = { ...LINE, hunks: [{ first: 1, second: 1, lines: Array.from({ length: 60 }, (_, index) => `-${index}`) }] };
  const text = page({
    artefacts: [
      differentOutput('a.deb', [
        ['./usr/big', big],
        ['./usr/small', LINE],
        ['./md5sums', LINE],
      ]),
    ],
  });
  const open = [
    ...text.slice(text.indexOf('id="tree"')).matchAll(/<details open><summary><span class="line"><span class="way">([^<]*)</g),
  ].map(([, way]) => way);
  t.deepEqual(open.slice(0, 2), ['data.tar.xz', './usr/small']);
});

test('what is not known is said to be so, and what is known is said', (t) => {
  const cause = {
    name: 'hostname',
    confidence: 'certain',
    trail: ['b.deb', 'data.tar.xz', './x'],
    evidence: 'e',
    surrounding: 'hostname',
    remedy: 'r',
    link: null,
  } as const;
  const text = page({ artefacts: [equalOutput('a.deb'), { ...differentOutput('b.deb', [['./x', LINE]]), causes: [cause] }] });
  const cells = (row: string) =>
    [...(text.match(new RegExp(`<tr id="surrounding-${row}">.*?</tr>`, 's'))?.[0] ?? '').matchAll(/class="sign-(\w+)"/g)].map(
      ([, kind]) => kind,
    );
  t.deepEqual(cells('hostname'), ['none', 'mattered']);
  t.deepEqual(cells('timezone'), ['none', 'unknown']);
  t.deepEqual(cells('clock'), ['untried', 'untried']);
});

test('what was found out by building again decides', (t) => {
  const why = {
    guilty: ['timezone'],
    random: true,
    builds: 2,
    artefacts: [
      {
        name: 'b.deb',
        blames: [
          { surroundings: ['timezone'], trails: [], more: 0 },
          { surroundings: [], trails: [], more: 0 },
        ],
      },
    ],
    tried: [{ varied: ['timezone'], artefacts: ['b.deb'], wallSeconds: 3 }],
  } as const;
  const text = page({ artefacts: [differentOutput('b.deb', [['./x', LINE]])], why });
  t.regex(text, /id="surrounding-timezone">.*?sign-mattered/s);
  t.regex(text.match(/id="surrounding-hostname">.*?<\/tr>/s)?.[0] ?? '', /sign-none/);
  t.true(text.includes('differs in the same surroundings too'));
});

test('a page of many differences stays small enough to open', (t) => {
  const long = {
    ...LINE,
    hunks: [{ first: 1, second: 1, lines: Array.from({ length: 200 }, (_, index) => `+${'x'.repeat(80)}${index}`) }],
  };
  const places = Array.from({ length: 2000 }, (_, index) => [`./usr/share/${index}`, long] as const);
  const text = page({ artefacts: [differentOutput('a.deb', places)] });
  t.true(text.length < 6_000_000, `${text.length} characters`);
  t.true(text.includes('This page is full'));
});

test('the two build.sh are set against each other', (t) => {
  const text = page({}, { first: 'a\nTZ=UTC\nb\n', second: 'a\nTZ=GMT-14\nb\n' });
  t.true(text.includes('<span class="l first">-TZ=<b>UTC</b></span><span class="l second">+TZ=<b>GMT-14</b></span>'));
});

test('a run without a verdict says what went wrong', (t) => {
  const failure = {
    kind: 'build-failed',
    reason: 'step-failed',
    message: 'The step build ended with status 2',
    details: ['make: *** <all>'],
    next: 'Look into build.log.',
  };
  const text = page({ verdict: 'build-failed', artefacts: [], failure, builds: { first: null, second: null }, inputs: null });
  t.true(text.includes('make: *** &lt;all&gt;'));
  t.true(text.includes('<h1>Build failed</h1>'));
});
