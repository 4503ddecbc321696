import { mentionParts, type UserId } from '@maru/contract';
import type { Root } from 'mdast';
import { gfmAutolinkLiteralFromMarkdown } from 'mdast-util-gfm-autolink-literal';
import { findAndReplace } from 'mdast-util-find-and-replace';
import { gfmAutolinkLiteral } from 'micromark-extension-gfm-autolink-literal';
import type { Extension } from 'micromark-util-types';
import { memo, useSyncExternalStore } from 'react';
import Markdown, { type Components, type Options } from 'react-markdown';
import remarkBreaks from 'remark-breaks';
import remarkCjkFriendly from 'remark-cjk-friendly';
import type { Processor } from 'unified';
import { client } from '../client.ts';

/** What these mean elsewhere they do not mean in a chat: they stand there as they were typed. */
const AS_TYPED: Extension = {
  disable: {
    null: [
      'blockQuote',
      'characterReference',
      'codeIndented',
      'definition',
      'headingAtx',
      'htmlFlow',
      'htmlText',
      'labelStartImage',
      'setextUnderline',
      'thematicBreak',
    ],
  },
};

function remarkChat(this: Processor): void {
  const data = this.data() as { micromarkExtensions?: Extension[]; fromMarkdownExtensions?: unknown[] };
  (data.micromarkExtensions ??= []).push(gfmAutolinkLiteral(), AS_TYPED);
  (data.fromMarkdownExtensions ??= []).push(gfmAutolinkLiteralFromMarkdown());
}

/** Marks the names of those who are mentioned, outside of links and code. */
const remarkMentions = (names: ReadonlySet<string>) => () => (tree: Root) => {
  if (names.size === 0) return;
  findAndReplace(
    tree,
    [
      /[\s\S]*@[\s\S]*/,
      (text: string) =>
        mentionParts(text, names).map(
          (part) =>
            (part.name === undefined
              ? { type: 'text', value: part.text }
              : {
                  type: 'mention',
                  children: [{ type: 'text', value: part.text }],
                  data: { hName: 'span', hProperties: { dataMention: part.name } },
                }) as never,
        ),
    ],
    { ignore: ['link', 'linkReference', 'inlineCode', 'code'] },
  );
};

const ALLOWED = ['p', 'strong', 'em', 'code', 'pre', 'a', 'ul', 'ol', 'li', 'br', 'span'];
/** Anything else is shown as text: no scripts, no relative addresses. */
const safeUrl = (url: string): string | undefined => (/^(https?:|mailto:)/i.test(url) ? url : undefined);
const COMPONENTS: Components = {
  a: ({ href, children }) =>
    href === undefined || href === '' ? (
      children
    ) : (
      <a href={href} target="_blank" rel="noopener nofollow ugc" className="text-wood underline underline-offset-2">
        {children}
      </a>
    ),
  span: ({ children }) => <span className="rounded bg-wood/12 px-0.5 font-semibold text-wood">{children}</span>,
};

/** Whether a text can be more than lines of text. */
const RICH = /[\\`*_[<&@\r\t]|https?:\/\/|www\.|^ *(?:[-+]|\d{1,9}[.)])(?: |$)|^ *~~~|^ | $/im;

/** What was said: a safe part of Markdown, through a list of what is allowed. */
export const MessageText = memo(function MessageText({
  text,
  mentions,
}: {
  text: string;
  mentions: readonly UserId[] | undefined;
}) {
  const names = useNames(mentions);
  if (!RICH.test(text)) return <p className="whitespace-pre-wrap">{text}</p>;
  const plugins: Options['remarkPlugins'] = [
    remarkChat,
    remarkCjkFriendly,
    remarkBreaks,
    remarkMentions(new Set(names === '' ? [] : names.split('\n'))),
  ];
  return (
    <div className="markdown">
      <Markdown
        allowedElements={ALLOWED}
        unwrapDisallowed
        remarkPlugins={plugins}
        urlTransform={safeUrl}
        components={COMPONENTS}
      >
        {text}
      </Markdown>
    </div>
  );
});

/** Account names of these people, one per line: the same text means nothing has changed. */
function useNames(ids: readonly UserId[] | undefined): string {
  const names = (): string => {
    const { people } = client.people.store.get();
    return (ids ?? []).flatMap((id) => people.get(id)?.name ?? []).join('\n');
  };
  return useSyncExternalStore(client.people.store.subscribe, names, names);
}
