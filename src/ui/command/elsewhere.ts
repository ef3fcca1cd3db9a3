import { type Text, text } from '../../domain/text.ts';

interface Elsewhere {
  readonly names: readonly string[];
  /** `rest` is what was typed after the name. */
  readonly answer: (rest: string) => Text;
}

/** Commands people bring along from other tools, and what does it here. */
const ELSEWHERE: readonly Elsewhere[] = [
  {
    names: ['ns', 'namespace', 'namespaces'],
    answer: (rest) =>
      text(
        `Namespaces are a column: :servers -n ${rest || 'NAME'} narrows to one`,
        `네임스페이스는 열입니다: :servers -n ${rest || '이름'} 으로 좁히기`,
      ),
  },
  {
    names: ['pods', 'pod', 'po', 'tasks', 'task', 'containers'],
    answer: (rest) =>
      text(
        `Pods and tasks are rows of :servers; :servers ${rest || 'TEXT'} finds them`,
        `파드와 태스크는 :servers 의 행입니다; :servers ${rest || '글자'} 로 찾기`,
      ),
  },
  {
    names: ['nodes', 'node', 'no'],
    answer: (rest) =>
      text(
        `Nodes are a column: :servers /node=${rest || 'NAME'} shows the servers of one, ^w the column`,
        `노드는 열입니다: :servers /node=${rest || '이름'} 은 그 노드의 서버, ^w 는 열`,
      ),
  },
  {
    names: [
      'deploy',
      'deployment',
      'dp',
      'sts',
      'statefulset',
      'statefulsets',
      'ds',
      'daemonset',
      'daemonsets',
    ],
    answer: (rest) =>
      text(
        `Deployments, StatefulSets and DaemonSets are rows of :workloads${rest === '' ? '' : `; :workloads ${rest}`}`,
        `Deployment, StatefulSet, DaemonSet은 :workloads 의 행입니다${rest === '' ? '' : `; :workloads ${rest}`}`,
      ),
  },
];

/** What exists instead of a command of that name, if it is one of those. */
export const elsewhere = (name: string, rest: string): Text | undefined =>
  ELSEWHERE.find(({ names }) => names.includes(name))?.answer(rest);
