import type { InBothLanguages, Language } from '../languages.ts';

/** What an error page says. */
export interface ErrorText {
  /** What happened: the page's title and heading. */
  readonly title: string;
  /** What to do. */
  readonly advice: string;
}

export interface StatusText {
  /** Undefined for any status that has no entry of its own. */
  readonly status: number | undefined;
  /** Does the page have a link that tries again? Where the same request would fail again, it has none. */
  readonly retry: boolean;
  /** A phrase for those who run the gateway, where no action gives a better one; the English one is in the JSON too. */
  readonly reason: InBothLanguages<string>;
  readonly page: InBothLanguages<ErrorText>;
}

/** What people are told of each status that the gateway answers with. Japanese as an operator would write it. */
export const STATUS_TEXTS: readonly StatusText[] = [
  {
    status: 401,
    retry: true,
    reason: {
      en: 'name and password are missing or wrong',
      ja: 'ユーザー名またはパスワードが入力されていないか、正しくありません',
    },
    page: {
      en: {
        title: 'Please log in',
        advice:
          'This gateway asks for a name and a password. Try again and enter yours. If you have none, ask the people who run this gateway.',
      },
      ja: {
        title: 'ログインが必要です',
        advice:
          'このゲートウェイを利用するには、ユーザー名とパスワードが必要です。再試行して入力してください。お持ちでない場合は、管理者にお問い合わせください。',
      },
    },
  },
  {
    status: 403,
    retry: false,
    reason: { en: 'forbidden', ja: 'アクセスが拒否されました' },
    page: {
      en: {
        title: 'This is not open to you',
        advice: 'The gateway refused the request. If you should have access, ask the people who run it.',
      },
      ja: {
        title: 'アクセスが許可されていません',
        advice:
          'ゲートウェイがリクエストを拒否しました。アクセス権が必要な場合は、管理者にお問い合わせください。',
      },
    },
  },
  {
    status: 404,
    retry: false,
    reason: { en: 'not found', ja: '見つかりません' },
    page: {
      en: {
        title: 'Page not found',
        advice: 'There is nothing at this address. Check the link for typing errors.',
      },
      ja: {
        title: 'ページが見つかりません',
        advice: 'このアドレスにはページがありません。リンクに誤りがないか確認してください。',
      },
    },
  },
  {
    status: 405,
    retry: false,
    reason: { en: 'method not allowed', ja: '許可されていないメソッドです' },
    page: {
      en: { title: 'This page can only be read', advice: 'It takes no uploads and no forms.' },
      ja: {
        title: 'このページは閲覧専用です',
        advice: 'データの送信やアップロードはできません。',
      },
    },
  },
  {
    status: 413,
    retry: false,
    reason: { en: 'upload too large', ja: 'アップロードのサイズが上限を超えています' },
    page: {
      en: {
        title: 'The file is too large',
        advice:
          'It is larger than this gateway accepts. Split the file, or ask the people who run this gateway for another way.',
      },
      ja: {
        title: 'ファイルのサイズが大きすぎます',
        advice:
          'アップロードできるサイズの上限を超えています。ファイルを分割するか、別の転送方法を管理者にご相談ください。',
      },
    },
  },
  {
    status: 429,
    retry: true,
    reason: { en: 'too many requests', ja: 'リクエストが多すぎます' },
    page: {
      en: {
        title: 'Too many requests at once',
        advice: 'A lot was asked from your network within a short time. Wait a minute, then try again.',
      },
      ja: {
        title: 'アクセスが集中しています',
        advice:
          'お使いのネットワークから、短時間に多数のリクエストがありました。1分ほど待ってから、再度お試しください。',
      },
    },
  },
  {
    status: 502,
    retry: true,
    reason: {
      en: 'agent refused the connection or its TLS handshake failed',
      ja: 'エージェントが接続を拒否したか、TLSハンドシェイクに失敗しました',
    },
    page: {
      en: {
        title: 'The desktop host did not answer',
        advice: 'It may be starting. Try again in a minute.',
      },
      ja: {
        title: 'デスクトップホストが応答しません',
        advice: '起動中の可能性があります。1分ほど待ってから、再度お試しください。',
      },
    },
  },
  {
    status: 503,
    retry: true,
    reason: { en: 'no agent available', ja: '利用できるエージェントがありません' },
    page: {
      en: {
        title: 'No desktop host is available',
        advice: 'None of the hosts that could answer is in service. Try again in a few minutes.',
      },
      ja: {
        title: '利用できるデスクトップホストがありません',
        advice: '現在、応答できるデスクトップホストがありません。数分待ってから、再度お試しください。',
      },
    },
  },
  {
    status: 504,
    retry: true,
    reason: { en: 'agent did not answer in time', ja: 'エージェントが時間内に応答しませんでした' },
    page: {
      en: {
        title: 'The desktop host took too long to answer',
        advice: 'It may be busy, starting or switched off. Try again in a minute.',
      },
      ja: {
        title: 'デスクトップホストが時間内に応答しませんでした',
        advice:
          '負荷が高いか、起動中、または停止している可能性があります。1分ほど待ってから、再度お試しください。',
      },
    },
  },
  {
    status: 508,
    retry: false,
    reason: { en: 'proxy loop', ja: 'プロキシのループを検出しました' },
    page: {
      en: {
        title: 'The link leads back to a gateway',
        advice:
          'The address in it belongs to a gateway, not to a desktop host. Check the link for typing errors.',
      },
      ja: {
        title: '接続先がゲートウェイになっています',
        advice:
          'リンクのアドレスが、デスクトップホストではなくゲートウェイを指しています。リンクに誤りがないか確認してください。',
      },
    },
  },
  {
    status: undefined,
    retry: true,
    reason: { en: 'gateway error', ja: 'ゲートウェイのエラー' },
    page: {
      en: {
        title: 'Something went wrong in the gateway',
        advice: 'It could not handle the request. Try again in a minute.',
      },
      ja: {
        title: 'ゲートウェイでエラーが発生しました',
        advice: 'リクエストを処理できませんでした。1分ほど待ってから、再度お試しください。',
      },
    },
  },
];

export const NOT_AN_ADDRESS: InBothLanguages<ErrorText> = {
  en: {
    title: 'This is no valid address',
    advice:
      'A link to a desktop begins with the IP address of its host, like /10.0.0.5/. Check the link for typing errors.',
  },
  ja: {
    title: 'アドレスが正しくありません',
    advice:
      'デスクトップへのリンクは、/10.0.0.5/ のようにホストのIPアドレスで始まります。リンクに誤りがないか確認してください。',
  },
};

export const NO_DESKTOP_NAMED: InBothLanguages<ErrorText> = {
  en: {
    title: 'The link names no desktop',
    advice: 'Use the link that you were given: it has the address of a desktop host in it.',
  },
  ja: {
    title: 'デスクトップが指定されていません',
    advice: '管理者から案内された、デスクトップホストのアドレスを含むリンクを使用してください。',
  },
};

export const NOT_SERVED: InBothLanguages<ErrorText> = {
  en: {
    title: 'This gateway does not lead there',
    advice: 'The address in the link is none that this gateway serves. Check the link for typing errors.',
  },
  ja: {
    title: 'このアドレスには接続できません',
    advice:
      'リンクのアドレスは、このゲートウェイの接続先として登録されていません。リンクに誤りがないか確認してください。',
  },
};

export const IN_MAINTENANCE: InBothLanguages<ErrorText> = {
  en: {
    title: 'This desktop host is in maintenance',
    advice:
      'It is being worked on and will be back afterwards. Try again later, or use another desktop until then.',
  },
  ja: {
    title: 'このデスクトップホストはメンテナンス中です',
    advice:
      '作業が終わるまでご利用いただけません。しばらくしてから再度お試しいただくか、ほかのデスクトップをご利用ください。',
  },
};

/** What is the same on all error pages. */
export const ERROR_WORDS: Readonly<
  Record<
    Language,
    Readonly<Record<'error' | 'retry' | 'portal' | 'tell' | 'number' | 'agent' | 'reason', string>>
  >
> = {
  en: {
    error: 'Error',
    retry: 'Try again',
    portal: 'All desktops',
    tell: 'If it stays like this, tell the people who run this gateway this number:',
    number: 'Request number',
    agent: 'Desktop host',
    reason: 'Reason',
  },
  ja: {
    error: 'エラー',
    retry: '再試行',
    portal: 'デスクトップ一覧',
    tell: '問題が解決しない場合は、次のリクエスト番号を管理者にお知らせください。',
    number: 'リクエスト番号',
    agent: 'デスクトップホスト',
    reason: '原因',
  },
};
