import { shortened, terminalPicture, withoutReport, withoutTimes } from '../../scripts/terminal-picture';

test('counts ordinary resources, and leaves out what looks like what was shown', () => {
  expect(shortened([
    '> projen demo',
    '(node:1) Warning',
    '  4.0 s  cdk deploy: two signaling channels',
    '  4.0 s  synthesizing …',
    ' 21.0 s    CREATE_COMPLETE    AWS::IAM::Role                       Role (Role1)',
    ' 21.1 s    CREATE_COMPLETE    AWS::IAM::Policy                     Policy (Policy1)',
    ' 21.4 s    CREATE_COMPLETE    Custom::RtcSignalingChannel          Door (Door1)',
    ' 21.5 s    CREATE_COMPLETE    AWS::CloudFormation::Stack           Stack',
    ' 21.8 s  took 17.7 s',
    ' 21.8 s    Stack.Arn = arn:aws:x',
    '',
    ' 30.0 s  cdk destroy: signaling',
    ' 31.0 s    DELETE_COMPLETE    Custom::RtcSignalingChannel          Door (Door1)',
    ' 32.0 s  took 2.0 s',
    ' 32.1 s  nothing is left in any service',
    ' 32.2 s    Stack/Door',
  ])).toEqual([
    '  4.0 s  cdk deploy: two signaling channels',
    '          … 2 more resources',
    ' 21.4 s    CREATE_COMPLETE    Custom::RtcSignalingChannel          Door (Door1)',
    '          … 1 more resource',
    ' 30.0 s  cdk destroy: signaling',
    ' 32.1 s  nothing is left in any service',
    ' 32.2 s    Stack/Door',
  ]);
});

test('counts the lines of the report', () => {
  expect(withoutReport([' 1.0 s  cdk destroy', ' 2.0 s  report of 9 recorded calls', ' 2.0 s    Stack/Door', ' 2.0 s      created in 1.8 s: 1 change'])).toEqual([
    ' 1.0 s  cdk destroy', ' 2.0 s  report of 9 recorded calls', '          … 2 more lines',
  ]);
  expect(withoutReport([' 1.0 s  cdk destroy'])).toEqual([' 1.0 s  cdk destroy']);
});

test('leaves out times and durations, and keeps the indentation of details', () => {
  expect(withoutTimes([' 12.6 s  cdk deploy', '100.0 s    ACTIVE  TTL 60 s', '          … 2 more resources', ' 46.3 s    20 meetings in 3.6 s; more', 'plain'])).toEqual([
    ' cdk deploy', '   ACTIVE  TTL 60 s', '   … 2 more resources', '   20 meetings; more', 'plain',
  ]);
});

test('text stays text, and long lines go on below', () => {
  const picture = terminalPicture(['<script>&"', 'x'.repeat(200), `  1.0 s  A ${'word '.repeat(30)}`.trimEnd()], 'npm run <demo>');
  const texts = [...picture.matchAll(/preserve">([^<]*)<\/text>/g)].map(([, text]) => text);
  expect(texts).toEqual([
    '&#60;script&#62;&#38;&#34;',
    'x'.repeat(118), `${' '.repeat(6)}${'x'.repeat(82)}`,
    `  1.0 s  A ${'word '.repeat(21)}`.trimEnd(), `${' '.repeat(6)}${'word '.repeat(9)}`.trimEnd(),
  ]);
  expect(picture).not.toContain('<demo>');
});
