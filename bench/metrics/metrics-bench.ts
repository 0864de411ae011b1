import { atLeast, atMost, type Bench, type BenchOptions, type Goal, type Table } from '../bench.ts';
import { type Answered, askBoth, type Rounds } from './questions.ts';
import { type WrittenHistory, writeHistory } from './written-history.ts';

const week = 7 * 24 * 3_600_000;

interface Size {
  outcomes: number;
  labelSets: number;
  rounds: Rounds;
}

const questions = [
  { name: '7 days', query: 'window=7d' },
  { name: '7 days of a project', query: 'window=7d&project=blog' },
];

export const metricsBench: Bench = {
  name: 'metrics',
  summary: 'GET /api/agent/metrics of 7 days, beside reading and aggregating JSONL at each request',
  async run(options) {
    const results: Result[] = [];
    for (const size of sizesOf(options)) results.push(...(await measureSize(size, options)));
    return {
      tables: [answerTable(results), writeTable(results)],
      goals: options.quick ? [] : goalsOf(results),
    };
  },
};

function sizesOf({ quick, long }: BenchOptions): Size[] {
  if (quick) {
    const rounds = { starts: 1, warm: 3, peer: 1 };
    return [
      { outcomes: 1000, labelSets: 60, rounds },
      { outcomes: 1000, labelSets: 300, rounds },
    ];
  }
  const short = { starts: 3, warm: 50, peer: 10 };
  const few = { starts: 3, warm: 50, peer: 2 };
  return [
    { outcomes: 10_000, labelSets: 60, rounds: short },
    { outcomes: 1_000_000, labelSets: 60, rounds: few },
    { outcomes: 1_000_000, labelSets: 2000, rounds: few },
    ...(long ? [{ outcomes: 10_000_000, labelSets: 60, rounds: { starts: 2, warm: 50, peer: 1 } }] : []),
  ];
}

interface Result extends Answered {
  size: Size;
  question: string;
  history: WrittenHistory;
}

async function measureSize(size: Size, { progress }: BenchOptions): Promise<Result[]> {
  const { outcomes, labelSets, rounds } = size;
  progress(`writing ${outcomes} outcomes of ${labelSets} label sets`);
  const to = Date.now();
  const history = await writeHistory({ outcomes, labelSets, from: to - week, to });
  try {
    const results: Result[] = [];
    for (const { name, query } of questions) {
      progress(`asking for ${name}`);
      results.push({ size, question: name, history, ...(await askBoth(history, query, rounds)) });
    }
    return results;
  } finally {
    history.remove();
  }
}

function answerTable(results: Result[]): Table {
  return {
    title: 'Time to an answer, in ms: median (10 % to 90 %)',
    rows: results.map(({ size, question, cold, warm, recording, peer }) => ({
      outcomes: size.outcomes,
      'label sets': size.labelSets,
      question,
      'first of a service': cold,
      again: warm,
      'after a record': recording,
      JSONL: peer,
      ratio: peer.median / warm.median,
      'ratio, after a record': peer.median / recording.median,
    })),
    notes: [
      'The outcomes are spread over the 7 days; each window begins within an hour. First of a service: its first question',
      'after it was started. Again: the same question, its window moved on with the clock. After a record: an outcome was',
      'recorded since. JSONL: the first contract’s figures, by an Express app that reads a file of it for each request.',
    ],
  };
}

function writeTable(results: Result[]): Table {
  const histories = results.filter(({ question }) => question === questions[0]?.name);
  return {
    title: 'Recording them, in batches of 500, in ms: median (10 % to 90 %)',
    rows: histories.map(({ size, history }) => ({
      outcomes: size.outcomes,
      'label sets': size.labelSets,
      batch: history.batches,
      'outcomes/s': (500 * 1000) / history.batches.median,
      'MB of the store': history.storeMegabytes,
    })),
  };
}

function goalsOf(results: Result[]): Goal[] {
  const find = (outcomes: number, question = questions[0]?.name) =>
    results.find(
      (one) => one.size.outcomes === outcomes && one.size.labelSets === 60 && one.question === question,
    );
  const ratio = (one: Result | undefined) => (one ? one.peer.median / one.warm.median : Number.NaN);
  const [small, large] = [find(10_000), find(10_000_000)];
  return [
    atLeast('faster than JSONL at 1 M outcomes', 1000, ratio(find(1_000_000)), 'times'),
    atLeast('faster at 1 M, of a project', 500, ratio(find(1_000_000, questions[1]?.name)), 'times'),
    ...(small && large ? [atMost('10 M over 10 k', 4, large.warm.median / small.warm.median, 'times')] : []),
  ];
}
