import type { Sentence } from './catalogue.js';

/** The kiosk's status page. */
export const kioskSentences = {
  title: { en: 'Galet counter', fr: 'Comptoir Galet' },
  server: { en: 'Server', fr: 'Serveur' },
  reachable: { en: 'The server answers.', fr: 'Le serveur répond.' },
  unreachable: {
    en: 'The server cannot be reached. Visits wait until the network is back; reports can be taken all the same.',
    fr: 'Le serveur est injoignable. Les visites attendent le retour du réseau ; les signalements restent possibles.',
  },
  unknown: { en: 'The server has not been asked yet.', fr: 'Le serveur n’a pas encore été interrogé.' },
  waiting: { en: 'Waiting to leave', fr: 'En attente de départ' },
  nothing: { en: 'Nothing is waiting.', fr: 'Rien n’attend.' },
  reports: {
    en: 'Reports kept here, not yet checked by the server: {count}.',
    fr: 'Signalements gardés ici, pas encore vérifiés par le serveur : {count}.',
  },
  drafts: {
    en: 'Reports that a token has not finished handing over: {count}. The token still holds them.',
    fr: 'Signalements dont la remise par un galet n’est pas terminée : {count}. Le galet les a encore.',
  },
  receipts: {
    en: 'Delivered, receipt waiting for the token’s next visit: {count}.',
    fr: 'Remis au serveur, reçu en attente de la prochaine visite du galet : {count}.',
  },
  why: { en: 'Why: {reason}', fr: 'Pourquoi : {reason}' },
  delay: {
    en: 'they leave after a random delay, so that nobody can tell who reported.',
    fr: 'ils partent après un délai aléatoire, pour que personne ne sache qui a signalé.',
  },
  awayReason: {
    en: 'the server cannot be reached; they leave by themselves when it is back.',
    fr: 'le serveur est injoignable ; ils partiront d’eux-mêmes à son retour.',
  },
  failing: {
    en: 'the server is having trouble; they are tried again by themselves.',
    fr: 'le serveur a des difficultés ; de nouveaux essais ont lieu d’eux-mêmes.',
  },
  disk: {
    en: 'this computer’s disk is full; make room.',
    fr: 'le disque de cet ordinateur est plein ; faites de la place.',
  },
  none: { en: 'they are about to leave.', fr: 'ils sont sur le point de partir.' },
  overdue: {
    en: 'Warning: {count} waiting for more than 72 hours. Connect this computer to the network today; after 14 days a report warns nobody.',
    fr: 'Attention : {count} en attente depuis plus de 72 heures. Connectez cet ordinateur au réseau aujourd’hui ; après 14 jours, un signalement n’avertit plus personne.',
  },
  refused: { en: 'Refused by the server', fr: 'Refusés par le serveur' },
  refusedCount: { en: '{count} × {sentence}', fr: '{count} × {sentence}' },
  privacy: {
    en: 'This computer only carries: it cannot read what tokens and server say to each other.',
    fr: 'Cet ordinateur ne fait que transporter : il ne peut pas lire ce que les galets et le serveur se disent.',
  },
} as const satisfies Record<string, Sentence>;
