import { sizeText } from '../../core/size-text.ts';
import type { DumpAsk, HeapRoom } from '../../domain/dump-way.ts';
import { appError } from '../../domain/errors.ts';
import type { PlanWarning } from '../../domain/plan.ts';
import { type Text, text } from '../../domain/text.ts';
import { createLimit, orAborted } from '../executor/concurrency.ts';
import { dumpToolsOf } from './dump-target.ts';
import type { Looked, Looking } from './plan-dump.ts';

const ROOM_TIMEOUT_MS = 15_000;
/** What the disks keep for everybody else. */
const SPARE_BYTES = 67_108_864;

export const HEAP_SECRETS: PlanWarning = {
  level: 'warn',
  code: 'heap-secrets',
  text: text(
    'A heap dump holds everything the server has in memory: passwords, sessions, personal data',
    '힙 덤프에는 메모리의 모든 것(비밀번호, 세션, 개인정보)이 담깁니다',
  ),
};

/** What a heap dump does to the server and to both disks. Rejects where either is too small for it. */
export async function lookAtRoom({ chosen, question, tools, directory }: Looking): Promise<Looked> {
  const dumps = dumpToolsOf(tools);
  const { target, ask } = question;
  const what = `heap dump of ${target.server.name}`;
  const room = await roomThere({ chosen, question, tools, directory });
  const freeHere = await dumps.folder.freeBytes(directory);
  const needed = room?.neededBytes;
  if (room !== undefined && room.freeBytes < room.neededBytes + SPARE_BYTES) {
    throw appError(
      'DISK_FULL',
      `${what}: ${room.folder} on the server has ${sizeText(room.freeBytes)} free, up to ${sizeText(room.neededBytes)} are needed`,
      { hint: 'Nothing was asked for: free space there, or give the container a larger volume.' },
    );
  }
  const least = leastOf(room, ask);
  if (least !== undefined && least > ask.maxBytes) {
    throw appError(
      'DUMP_TOO_LARGE',
      `${what}: ${sizeWords(room).en}; at most ${sizeText(ask.maxBytes)} are taken`,
    );
  }
  const neededHere = (needed ?? 0) + SPARE_BYTES;
  if (freeHere !== undefined && freeHere < neededHere) {
    throw appError(
      'DISK_FULL',
      `${what}: ${directory ?? 'the state directory'} here has ${sizeText(freeHere)} free, up to ${sizeText(neededHere)} are needed`,
    );
  }
  return {
    expectBytes: needed,
    warnings: [
      {
        level: 'danger',
        code: 'heap-pause',
        text:
          needed === undefined
            ? text(
                'The JVM stands still until its whole heap is written, maybe long enough for probes to fail',
                '힙 전체를 쓸 때까지 JVM이 멈추며, 프로브가 실패할 만큼 걸릴 수 있습니다',
              )
            : text(
                `The JVM stands still until its heap is written (${sizeWords(room).en}), maybe long enough for probes to fail`,
                `힙을 모두 쓸 때까지(${sizeWords(room).ko}) JVM이 멈추며, 프로브가 실패할 만큼 걸릴 수 있습니다`,
              ),
      },
      HEAP_SECRETS,
      ...(needed !== undefined && needed > ask.maxBytes ? [maybeTooLarge(ask.maxBytes)] : []),
      roomWarning(room, freeHere),
    ],
  };
}

async function roomThere({ chosen, question, tools }: Looking): Promise<HeapRoom | undefined> {
  const limit = createLimit(question.signal, ROOM_TIMEOUT_MS, tools.clock);
  try {
    const looking = chosen.way.room?.(question.target, limit.signal);
    return looking === undefined ? undefined : await orAborted(looking, limit.signal);
  } catch {
    // To know is not to be able: it is said that it is not known.
    question.signal.throwIfAborted();
    return undefined;
  } finally {
    limit.clear();
  }
}

function roomWarning(room: HeapRoom | undefined, freeHere: number | undefined): PlanWarning {
  const here = freeHere === undefined ? 'n/a' : sizeText(freeHere);
  if (room === undefined) {
    return {
      level: 'warn',
      code: 'room-unknown',
      text: text(
        `Free space on the server cannot be told; here ${here} are free`,
        `서버의 여유 공간을 알 수 없음; 여기 여유 ${here}`,
      ),
    };
  }
  const there = `${sizeText(room.freeBytes)} (${room.folder})`;
  return {
    level: 'info',
    code: 'room',
    text: text(
      `The heap: ${sizeWords(room).en}; free on the server ${there}, here ${here}`,
      `힙: ${sizeWords(room).ko}; 서버 여유 ${there}, 여기 여유 ${here}`,
    ),
  };
}

/** What it will have at least; a collection before it may leave little of what is used. */
const leastOf = (room: HeapRoom | undefined, { isLive = false }: DumpAsk): number | undefined =>
  room?.usedBytes === undefined ? room?.neededBytes : isLive ? undefined : room.usedBytes;

function sizeWords(room: HeapRoom | undefined): Text {
  const used = room?.usedBytes;
  const most = sizeText(room?.neededBytes ?? 0);
  return used === undefined
    ? text(`at most ${most}`, `최대 ${most}`)
    : text(`${sizeText(used)} used now, at most ${most}`, `현재 ${sizeText(used)} 사용, 최대 ${most}`);
}

const maybeTooLarge = (maxBytes: number): PlanWarning => ({
  level: 'warn',
  code: 'heap-maybe-too-large',
  text: text(
    `At most ${sizeText(maxBytes)} are taken (dumps.maxHeapBytes): above that the JVM stood still for nothing`,
    `최대 ${sizeText(maxBytes)}까지 받습니다(dumps.maxHeapBytes): 이를 넘으면 JVM만 멈추고 남는 것이 없습니다`,
  ),
});
