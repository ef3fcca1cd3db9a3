import type {
  L9sAmount,
  L9sCollector,
  L9sConnector,
  L9sCpu,
  L9sDataSource,
  L9sHeap,
  L9sMemory,
  L9sPause,
  L9sPool,
  L9sWorker,
} from './datagram.ts';
import type { FieldChecker, Fields } from './field-checker.ts';

const NAME_LENGTH = 128;

export function readMemory(check: FieldChecker, value: unknown, name: string): L9sMemory | undefined {
  const fields = check.fields(value, name);
  return (
    fields && {
      used: check.amount(fields['used'], `${name}.used`),
      committed: check.amount(fields['committed'], `${name}.committed`),
      max: check.amount(fields['max'], `${name}.max`),
    }
  );
}
export function readHeap(check: FieldChecker, value: unknown): L9sHeap | undefined {
  const fields = check.fields(value, 'heap');
  return (
    fields && {
      used: check.amount(fields['used'], 'heap.used'),
      committed: check.amount(fields['committed'], 'heap.committed'),
      max: check.amount(fields['max'], 'heap.max'),
      afterGc: check.amount(fields['afterGc'], 'heap.afterGc'),
    }
  );
}
export function readAmount(check: FieldChecker, value: unknown, name: string): L9sAmount | undefined {
  const fields = check.fields(value, name);
  return (
    fields && {
      used: check.amount(fields['used'], `${name}.used`),
      total: check.amount(fields['total'], `${name}.total`),
    }
  );
}
export function readCpu(check: FieldChecker, value: unknown): L9sCpu | undefined {
  const fields = check.fields(value, 'cpu');
  return (
    fields && {
      process: check.amount(fields['process'], 'cpu.process'),
      system: check.amount(fields['system'], 'cpu.system'),
    }
  );
}
export const readPool = (check: FieldChecker, fields: Fields): L9sPool => ({
  name: check.requiredText(fields['name'], 'pools.name', NAME_LENGTH),
  used: check.amount(fields['used'], 'pools.used'),
  committed: check.amount(fields['committed'], 'pools.committed'),
  max: check.amount(fields['max'], 'pools.max'),
});
export const readCollector = (check: FieldChecker, fields: Fields): L9sCollector => ({
  name: check.requiredText(fields['name'], 'gc.name', NAME_LENGTH),
  count: check.amount(fields['count'], 'gc.count'),
  timeMs: check.amount(fields['timeMs'], 'gc.timeMs'),
});
export const readPause = (check: FieldChecker, fields: Fields): L9sPause => ({
  name: check.requiredText(fields['name'], 'pauses.name', NAME_LENGTH),
  cause: check.text(fields['cause'], 'pauses.cause', NAME_LENGTH),
  at: check.amount(fields['at'], 'pauses.at'),
  pauseMs: check.amount(fields['pauseMs'], 'pauses.pauseMs'),
});
export const readConnector = (check: FieldChecker, fields: Fields): L9sConnector => ({
  name: check.requiredText(fields['name'], 'connectors.name', NAME_LENGTH),
  busy: check.amount(fields['busy'], 'connectors.busy'),
  max: check.amount(fields['max'], 'connectors.max'),
});
export const readDataSource = (check: FieldChecker, fields: Fields): L9sDataSource => ({
  name: check.requiredText(fields['name'], 'dataSources.name', NAME_LENGTH),
  active: check.amount(fields['active'], 'dataSources.active'),
  idle: check.amount(fields['idle'], 'dataSources.idle'),
  max: check.amount(fields['max'], 'dataSources.max'),
});
export const readWorker = (check: FieldChecker, fields: Fields): L9sWorker => ({
  name: check.requiredText(fields['name'], 'workers.name', NAME_LENGTH),
  state: check.text(fields['state'], 'workers.state', NAME_LENGTH),
  active: check.amount(fields['active'], 'workers.active'),
  idle: check.amount(fields['idle'], 'workers.idle'),
  max: check.amount(fields['max'], 'workers.max'),
  errors: check.amount(fields['errors'], 'workers.errors'),
});
