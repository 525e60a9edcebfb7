import type { Sentence } from './catalogue.js';

export interface CommandText {
  description: Sentence;
  /** Command lines, with what they do. */
  examples: { line: string; meaning: Sentence }[];
}

/** Help of every command, by its words. */
export const commandTexts = {
  galet: {
    description: {
      en: 'Proximity tracing for people who have no smartphone: tokens, the counter where they are looked after, and the server.',
      fr: 'Suivi de proximité pour qui n’a pas de téléphone : les galets, le comptoir qui en prend soin, et le serveur.',
    },
    examples: [
      {
        line: 'galet demo',
        meaning: { en: 'a care home’s day, in two minutes', fr: 'une journée de maison de retraite, en deux minutes' },
      },
      { line: 'galet help sync', meaning: { en: 'help for one command', fr: 'aide d’une commande' } },
      { line: 'galet help what-it-holds', meaning: { en: 'what does it hold about me?', fr: 'que sait-il de moi ?' } },
    ],
  },
  help: {
    description: {
      en: 'Help for a command, or “what-it-holds”: what does it hold about me?',
      fr: 'Aide d’une commande, ou « what-it-holds » : que sait-il de moi ?',
    },
    examples: [
      { line: 'galet help report', meaning: { en: 'help for “report”', fr: 'aide de « report »' } },
      { line: 'galet help what-it-holds', meaning: { en: 'what does it hold about me?', fr: 'que sait-il de moi ?' } },
    ],
  },
  demo: {
    description: {
      en: 'Plays a care home’s day on this computer, with real servers and simulated tokens, and checks who was warned.',
      fr: 'Joue une journée de maison de retraite sur cet ordinateur, avec de vrais serveurs et des galets simulés, et vérifie qui a été averti.',
    },
    examples: [
      { line: 'galet demo', meaning: { en: 'tells the day as it goes', fr: 'raconte la journée au fur et à mesure' } },
      {
        line: 'galet demo --json --seed 7',
        meaning: {
          en: 'the same day each time, as one JSON object',
          fr: 'la même journée à chaque fois, en un objet JSON',
        },
      },
      {
        line: 'galet demo --break seal',
        meaning: { en: 'plants a fault, which must be noticed', fr: 'introduit une panne, qui doit être remarquée' },
      },
    ],
  },
  backend: {
    description: { en: 'The server: its keys and its service.', fr: 'Le serveur : ses clés et son service.' },
    examples: [
      {
        line: 'galet backend init && galet backend serve',
        meaning: { en: 'a server on this computer', fr: 'un serveur sur cet ordinateur' },
      },
    ],
  },
  'backend init': {
    description: {
      en: 'Makes the server’s folder, its keys for the next 28 days and the operator credential, whatever of it is missing. Replaces nothing.',
      fr: 'Crée le dossier du serveur, ses clés pour les 28 prochains jours et le justificatif de l’opérateur, s’ils manquent. Ne remplace rien.',
    },
    examples: [
      { line: 'galet backend init', meaning: { en: 'in the usual place', fr: 'à l’endroit habituel' } },
      {
        line: 'galet backend init --data /srv/galet',
        meaning: { en: 'in a place of your choice', fr: 'à l’endroit de votre choix' },
      },
    ],
  },
  'backend serve': {
    description: { en: 'Runs the server until Ctrl-C.', fr: 'Fait tourner le serveur jusqu’à Ctrl-C.' },
    examples: [
      { line: 'galet backend serve', meaning: { en: 'at http://127.0.0.1:8470', fr: 'sur http://127.0.0.1:8470' } },
      {
        line: 'galet backend serve --port 0 --captcha off',
        meaning: {
          en: 'on a free port, for tests with phones',
          fr: 'sur un port libre, pour des essais avec des téléphones',
        },
      },
    ],
  },
  kiosk: {
    description: { en: 'The counter’s service.', fr: 'Le service du comptoir.' },
    examples: [{ line: 'galet kiosk serve', meaning: { en: 'starts it', fr: 'le démarre' } }],
  },
  'kiosk serve': {
    description: {
      en: 'Runs the counter’s service until Ctrl-C: carries visits to the server, keeps reports until they are delivered.',
      fr: 'Fait tourner le service du comptoir jusqu’à Ctrl-C : porte les visites au serveur, garde les signalements jusqu’à leur remise.',
    },
    examples: [
      {
        line: 'galet kiosk serve',
        meaning: {
          en: 'at http://127.0.0.1:8471, with a page that says what waits',
          fr: 'sur http://127.0.0.1:8471, avec une page qui dit ce qui attend',
        },
      },
      {
        line: 'galet kiosk serve --backend https://galet.example',
        meaning: { en: 'for a server elsewhere', fr: 'pour un serveur situé ailleurs' },
      },
    ],
  },
  codes: {
    description: {
      en: 'One-time codes for people who tested positive.',
      fr: 'Codes à usage unique pour les personnes testées positives.',
    },
    examples: [{ line: 'galet codes issue', meaning: { en: 'one code', fr: 'un code' } }],
  },
  'codes issue': {
    description: {
      en: 'Issues a one-time code: eight characters that a person can type, good for 60 minutes, or a signed one for machines.',
      fr: 'Délivre un code à usage unique : huit caractères à saisir, bons 60 minutes, ou un code signé pour les machines.',
    },
    examples: [
      { line: 'galet codes issue', meaning: { en: 'a short code', fr: 'un code court' } },
      { line: 'galet codes issue --kind jwt', meaning: { en: 'a signed code', fr: 'un code signé' } },
    ],
  },
  token: {
    description: { en: 'One token.', fr: 'Un galet.' },
    examples: [{ line: 'galet token show /dev/ttyACM0', meaning: { en: 'how it is', fr: 'comment il va' } }],
  },
  'token run': {
    description: {
      en: 'Runs a token on this computer: its flash in a file, its cable a pseudo-terminal. Type “press” and Enter to press it for three seconds.',
      fr: 'Fait tourner un galet sur cet ordinateur : sa mémoire dans un fichier, son câble un pseudo-terminal. Tapez « press » puis Entrée pour le presser trois secondes.',
    },
    examples: [
      {
        line: 'galet token run --flash alice.flash --air 9000',
        meaning: {
          en: 'a token that hears others on the same “air”',
          fr: 'un galet qui entend les autres sur le même « air »',
        },
      },
      {
        line: 'galet token run --flash alice.flash --clock lost',
        meaning: { en: 'as after an empty battery', fr: 'comme après une batterie vide' },
      },
    ],
  },
  'token show': {
    description: {
      en: 'Says how a token is: battery, days left, what it needs. Nothing about its wearer’s health.',
      fr: 'Dit comment va un galet : batterie, jours restants, ce qu’il lui faut. Rien sur la santé de qui le porte.',
    },
    examples: [
      {
        line: 'galet token show /dev/ttyACM0',
        meaning: { en: 'the token at that port', fr: 'le galet branché à ce port' },
      },
    ],
  },
  'token forget': {
    description: {
      en: 'Gives a token back: its wearer presses it, the server forgets it, it erases itself and proves it.',
      fr: 'Rend un galet : la personne le presse, le serveur l’oublie, il s’efface et le prouve.',
    },
    examples: [
      {
        line: 'galet token forget /dev/ttyACM0',
        meaning: { en: 'then press the token for three seconds', fr: 'puis pressez le galet trois secondes' },
      },
    ],
  },
  provision: {
    description: {
      en: 'Sets a blank token up: registers it, gives it its keys and its first 21 days of identifiers.',
      fr: 'Prépare un galet vierge : l’enregistre, lui donne ses clés et ses 21 premiers jours d’identifiants.',
    },
    examples: [
      {
        line: 'galet provision /dev/ttyACM0',
        meaning: {
          en: 'with the operator credential of this computer’s server',
          fr: 'avec le justificatif du serveur de cet ordinateur',
        },
      },
      {
        line: 'galet provision COM3 --credential operator.txt',
        meaning: { en: 'with a credential from a file', fr: 'avec un justificatif lu dans un fichier' },
      },
    ],
  },
  sync: {
    description: {
      en: 'A visit: sets the token’s clock, gives it 21 days of identifiers and its sealed status, brings a receipt that was due.',
      fr: 'Une visite : met le galet à l’heure, lui donne 21 jours d’identifiants et son statut scellé, apporte un reçu attendu.',
    },
    examples: [
      { line: 'galet sync /dev/ttyACM0', meaning: { en: 'the token at that port', fr: 'le galet branché à ce port' } },
      {
        line: 'galet sync COM3 --json',
        meaning: { en: 'the result as one JSON object', fr: 'le résultat en un objet JSON' },
      },
    ],
  },
  report: {
    description: {
      en: 'Reports the contacts of a wearer who tested positive, once she has pressed the token for three seconds. Works without a network too.',
      fr: 'Signale les contacts d’une personne testée positive, une fois qu’elle a pressé le galet trois secondes. Marche aussi sans réseau.',
    },
    examples: [
      {
        line: 'galet report /dev/ttyACM0 --code K7M2QXPD',
        meaning: { en: 'with the code from the laboratory', fr: 'avec le code remis par le laboratoire' },
      },
    ],
  },
} as const satisfies Record<string, CommandText>;

/** What options and arguments mean. */
export const optionTexts = {
  json: { en: 'print one JSON object, errors too', fr: 'écrire un seul objet JSON, erreurs comprises' },
  lang: { en: 'language: fr or en', fr: 'langue : fr ou en' },
  quiet: { en: 'no progress', fr: 'sans progression' },
  kiosk: { en: 'address of the counter’s service', fr: 'adresse du service du comptoir' },
  backend: { en: 'address of the server', fr: 'adresse du serveur' },
  data: { en: 'folder for keys, databases and tokens', fr: 'dossier des clés, des bases et des galets' },
  host: { en: 'address to listen at', fr: 'adresse d’écoute' },
  port: { en: 'port to listen at; 0: a free one', fr: 'port d’écoute ; 0 : un port libre' },
  captcha: {
    en: 'captcha for phones that register: local or off',
    fr: 'captcha des téléphones qui s’enregistrent : local ou off',
  },
  database: {
    en: 'address of a PostgreSQL database, instead of a file',
    fr: 'adresse d’une base PostgreSQL, au lieu d’un fichier',
  },
  credential: { en: 'file with the operator credential', fr: 'fichier du justificatif de l’opérateur' },
  kind: { en: 'short (typed by a person) or jwt (signed)', fr: 'short (saisi par une personne) ou jwt (signé)' },
  code: { en: 'the one-time code', fr: 'le code à usage unique' },
  wait: { en: 'seconds to wait for the server’s receipt', fr: 'secondes d’attente du reçu du serveur' },
  serialPort: {
    en: 'serial port of the token, for instance /dev/ttyACM0 or COM3',
    fr: 'port série du galet, par exemple /dev/ttyACM0 ou COM3',
  },
  flash: { en: 'file that holds the token’s flash', fr: 'fichier de la mémoire du galet' },
  clock: {
    en: 'the token’s clock: lost, or off by seconds, for instance +3600',
    fr: 'l’horloge du galet : lost (perdue), ou un écart en secondes, par exemple +3600',
  },
  air: {
    en: 'UDP port on which tokens of this computer hear each other',
    fr: 'port UDP par lequel les galets de cet ordinateur s’entendent',
  },
  distance: { en: 'metres between this token and the others', fr: 'mètres entre ce galet et les autres' },
  seed: { en: 'the same number plays the same day', fr: 'le même nombre joue la même journée' },
  nobodyPositive: { en: 'nobody tests positive', fr: 'personne n’est positif' },
  break: {
    en: 'fault to plant: mac, seal, ratchet or outbox',
    fr: 'panne à introduire : mac, seal, ratchet ou outbox',
  },
  keep: { en: 'leaves the servers running to explore', fr: 'laisse tourner les serveurs, pour explorer' },
  topic: { en: 'a command, or what-it-holds', fr: 'une commande, ou what-it-holds' },
  help: { en: 'this help', fr: 'cette aide' },
  version: { en: 'the version', fr: 'la version' },
} as const satisfies Record<string, Sentence>;

/** Titles that the command parser writes. */
export const helpTitles: Record<string, Sentence> = {
  'Usage:': { en: 'Usage:', fr: 'Usage :' },
  'Arguments:': { en: 'Arguments:', fr: 'Arguments :' },
  'Options:': { en: 'Options:', fr: 'Options :' },
  'Commands:': { en: 'Commands:', fr: 'Commandes :' },
  'Examples:': { en: 'Examples:', fr: 'Exemples :' },
};

/** Words that the command parser writes. */
export const helpWords = {
  command: { en: 'command', fr: 'commande' },
  choices: { en: 'one of:', fr: 'au choix :' },
  default: { en: 'unless given:', fr: 'par défaut :' },
} as const satisfies Record<string, Sentence>;

/** Why a command line was not understood. */
export const usageReasons = {
  unknownCommand: { en: 'there is no command “{name}”.', fr: 'il n’y a pas de commande « {name} ».' },
  unknownOption: { en: 'there is no option “{name}”.', fr: 'il n’y a pas d’option « {name} ».' },
  missingArgument: { en: '“{name}” is missing.', fr: 'il manque « {name} ».' },
  missingOption: { en: 'the option “{name}” is needed.', fr: 'il faut l’option « {name} ».' },
  missingValue: { en: 'the option “{name}” needs a value.', fr: 'l’option « {name} » veut une valeur.' },
  invalidValue: { en: '“{name}” is not a value for that.', fr: '« {name} » n’est pas une valeur possible.' },
  tooMany: { en: 'there are too many arguments.', fr: 'il y a trop d’arguments.' },
  noCommand: { en: 'a command is needed; see --help.', fr: 'il faut une commande ; voyez --help.' },
  didYouMean: { en: ' Did you mean “{name}”?', fr: ' Vouliez-vous dire « {name} » ?' },
} as const satisfies Record<string, Sentence>;
