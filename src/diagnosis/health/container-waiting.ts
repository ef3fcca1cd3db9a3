import type { Text } from '../../domain/text.ts';
import { text } from '../../domain/text.ts';
import type { HealthInput, HealthRule } from './health-input.ts';

/** A rule for containers that wait for one of these reasons. */
function waitingRule(
  code: string,
  reasons: RegExp,
  says: (name: string, reason: string) => { readonly text: Text; readonly next: Text },
): HealthRule {
  const reasonOf = ({ instance, stateReason }: HealthInput): string | undefined => {
    for (const { state, reason } of instance?.containers ?? []) {
      if (state !== 'running' && reason !== undefined && reasons.test(reason)) return reason;
    }
    return stateReason !== undefined && reasons.test(stateReason) ? stateReason : undefined;
  };
  return {
    code,
    check(input) {
      const reason = reasonOf(input);
      if (reason === undefined) return undefined;
      return { level: 'error', ...says(input.name, reason), since: input.history.stateSince };
    },
  };
}

export const crashLoop = waitingRule('crash-loop', /CrashLoopBackOff/, (name) => ({
  text: text(`${name} crashes again and again after its start`, `${name}: 시작 후 반복해서 비정상 종료됨`),
  next: text(
    'Read the log of its previous run (kubectl logs --previous) and its last exit code on its page',
    '이전 실행의 로그(kubectl logs --previous)와 서버 페이지의 마지막 종료 코드를 확인하십시오',
  ),
}));

export const imagePull = waitingRule(
  'image-pull',
  /ErrImagePull|ImagePullBackOff|InvalidImageName|ErrImageNeverPull|CannotPull/,
  (name, reason) => ({
    text: text(
      `The image of ${name} cannot be pulled (${reason})`,
      `${name}의 이미지를 가져올 수 없음 (${reason})`,
    ),
    next: text(
      'Check the image name and tag, the registry and the pull secret',
      '이미지 이름과 태그, 레지스트리, pull secret을 확인하십시오',
    ),
  }),
);

export const containerConfig = waitingRule(
  'container-config',
  /CreateContainer(Config)?Error|RunContainerError|ResourceInitializationError/,
  (name, reason) => ({
    text: text(
      `A container of ${name} cannot be created (${reason})`,
      `${name}의 컨테이너를 만들 수 없음 (${reason})`,
    ),
    next: text(
      'Check the ConfigMaps, Secrets, volumes and command its template names',
      '템플릿이 가리키는 ConfigMap, Secret, 볼륨, 명령을 확인하십시오',
    ),
  }),
);
