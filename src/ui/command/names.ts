import { type Text, text } from '../../domain/text.ts';
import { VIEWS } from '../../views/index.ts';

export type PlainCommand = 'help' | 'save' | 'quit';

/** Commands that open no view. */
export const PLAIN_COMMANDS: readonly {
  readonly name: PlainCommand;
  readonly aliases: readonly string[];
  readonly title: Text;
}[] = [
  {
    name: 'help',
    aliases: ['h', 'aliases', 'keys'],
    title: text('help, keys and aliases', '도움말, 키, 별칭'),
  },
  {
    name: 'save',
    aliases: [],
    title: text('save this page: csv (default) or json', '이 페이지 저장: csv(기본) 또는 json'),
  },
  { name: 'quit', aliases: ['q', 'q!', 'exit'], title: text('quit', '종료') },
];

/** Full names first, then aliases. */
export const commandNames = (): readonly string[] => [
  ...VIEWS.map(({ id }) => id),
  ...PLAIN_COMMANDS.map(({ name }) => name),
  ...VIEWS.flatMap(({ aliases }) => aliases),
  ...PLAIN_COMMANDS.flatMap(({ aliases }) => aliases),
];

/** What completion offers; an alias is typed, not completed. */
export const fullCommandNames = (): readonly string[] => [
  ...VIEWS.map(({ id }) => id),
  ...PLAIN_COMMANDS.map(({ name }) => name),
];
