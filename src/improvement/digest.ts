import {
  type DigestProposal,
  digestKind,
  type HeldBack,
  type Improvement,
  improvementIdentity,
} from '../domain/improvement.ts';
import { taskRequest } from '../domain/task.ts';
import { type ImprovementTaskSettings, taskSettings } from './improvement-task.ts';
import { quotedData } from './quoted-data.ts';

/** How much of the list an agent gets to read, in characters of JSON. */
const longestList = 12_000;

const direction = [
  'More improvements were asked for at once than people can decide; the list below says which were held back.',
  'So many alerts in so short a time usually have one cause: a shared dependency, a changed configuration, a',
  'broken base branch, a machine. Find what most of them share: look at when the first ones began and at what',
  'changed just before, and read the logs of the tasks that they are about. Mend that one cause with the',
  'smallest change that does it, and show by running a failing command of several of them that it passes now.',
  'Do not mend them one by one, and do not weaken a check to make it pass. If there is no common cause, or it',
  'lies outside this repository, change nothing and say what you found, and which of them matter most.',
].join('\n');

/** The one improvement that lists what the budget held back. */
export function digestProposal(settings: ImprovementTaskSettings): DigestProposal {
  return {
    identity: improvementIdentity('', { kind: digestKind }),
    kind: digestKind,
    title: 'Find the common cause of what the budget held back',
    task: taskRequest.parse({ ...taskSettings(settings), direction }),
  };
}

/** An improvement as it is shown and approved: a digest's task quotes the list as it is now. */
export function improvementAsShown(improvement: Improvement): Improvement {
  const { held_back, task, state } = improvement;
  // Once decided, its task is what was made then.
  if (!held_back || state !== 'proposed') return improvement;
  const { project = task.project } = held_back;
  return {
    ...improvement,
    task: { ...task, project, direction: `${task.direction}\n\n${quotedList(held_back)}` },
  };
}

function quotedList({ total, by_alert, oldest }: NonNullable<Improvement['held_back']>): string {
  const listed: object[] = [];
  let room = longestList;
  for (const item of oldest.map(entryOf)) {
    room -= JSON.stringify(item, null, 2).length;
    if (room < 0) break;
    listed.push(item);
  }
  return quotedData({ held_back: total, by_alert, listed: listed.length, oldest: listed }, 2 * longestList);
}

function entryOf({ title, alert, subject, since, count, firing }: HeldBack): object {
  return { title, alert, subject, since, count, still_firing: firing };
}
