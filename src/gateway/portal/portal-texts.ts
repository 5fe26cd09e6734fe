import type { InBothLanguages } from '../languages.ts';

/** All that the portal says. `{n}` and `{total}` stand for numbers. */
export interface PortalTexts {
  readonly title: string;
  readonly lead: string;
  readonly empty: string;
  readonly filter: string;
  readonly help: string;
  /** For the script: the states of a desktop host, and how many answer. */
  readonly words: Readonly<Record<DesktopState | 'summary' | 'shown', string>>;
}

/** What the page finds out about a desktop host. `closed`: it is not open to who looks. */
export type DesktopState = 'checking' | 'answers' | 'silent' | 'maintenance' | 'draining' | 'closed';

export const PORTAL_TEXTS: InBothLanguages<PortalTexts> = {
  en: {
    title: 'Remote desktops',
    lead: 'Choose a desktop. It opens in this browser.',
    empty: 'No desktop is listed here yet. Use the link that you were given.',
    filter: 'Find by name, address or tag',
    help: 'Does a desktop not open? It may be starting: wait a minute, then try again. If it stays like this, tell the people who run this gateway its name.',
    words: {
      checking: 'Checking…',
      answers: 'Answers',
      silent: 'Does not answer',
      maintenance: 'In maintenance',
      draining: 'Answers; will soon be out of service',
      closed: 'Not open to you',
      summary: 'Answering: {n} of {total}',
      shown: 'Shown: {n} of {total}',
    },
  },
  ja: {
    title: 'リモートデスクトップ',
    lead: '接続先を選択すると、このブラウザーでデスクトップが開きます。',
    empty: '登録されているデスクトップはまだありません。管理者から案内されたリンクを使用してください。',
    filter: '名前・アドレス・タグで絞り込み',
    help: 'デスクトップが開かない場合は、起動中の可能性があります。1分ほど待ってから、再度お試しください。解決しない場合は、デスクトップの名前を管理者にお知らせください。',
    words: {
      checking: '確認中…',
      answers: '応答あり',
      silent: '応答なし',
      maintenance: 'メンテナンス中',
      draining: '応答あり（まもなく停止予定）',
      closed: '利用権限なし',
      summary: '{total}台中{n}台が応答しています',
      shown: '{total}台中{n}台を表示しています',
    },
  },
};
