import type { Language, Text } from '../../domain/text.ts';
import { text } from '../../domain/text.ts';

/** What an empty console says where there is nothing to connect to. */
const FIRST_STEPS: readonly Text[] = [
  text(
    'Nothing to connect to. Leave with q and give a target:',
    '연결할 대상이 없습니다. q로 나가서 대상을 지정하세요:',
  ),
  text(
    '  l9s --kubeconfig FILE --all-contexts   Kubernetes',
    '  l9s --kubeconfig FILE --all-contexts   Kubernetes',
  ),
  text(
    '  l9s --region REGION                    Amazon ECS',
    '  l9s --region REGION                    Amazon ECS',
  ),
  text(
    '  l9s --manager http://HOST:7700         a LENA Manager',
    '  l9s --manager http://HOST:7700         LENA Manager',
  ),
  text(
    '  l9s --listen 0.0.0.0:16100             datagrams of servers',
    '  l9s --listen 0.0.0.0:16100             서버의 데이터그램',
  ),
  text(
    '  l9s config init                        write a configuration',
    '  l9s config init                        설정 파일 쓰기',
  ),
  text(
    '  l9s demo                               a simulated fleet',
    '  l9s demo                               가상 서버로 둘러보기',
  ),
];

export const firstSteps = (language: Language): readonly string[] =>
  FIRST_STEPS.map((line) => line[language]);
