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
  doctor: {
    description: {
      en: 'Looks for what is in the way of tokens on this computer, and says what to do about each. Exit code: 0 when all that is needed works, 121 when the installation is to be repaired, 122 Bluetooth, 123 serial ports, 120 several of these.',
      fr: 'Cherche ce qui gêne les galets sur cet ordinateur, et dit quoi faire pour chaque point. Code de sortie : 0 si tout le nécessaire fonctionne, 121 si l’installation est à réparer, 122 le Bluetooth, 123 les ports série, 120 plusieurs de ceux-ci.',
    },
    examples: [
      { line: 'galet doctor', meaning: { en: 'for a counter', fr: 'pour un comptoir' } },
      {
        line: 'galet doctor --token --adapter hci1',
        meaning: { en: 'for “galet token run --ble”', fr: 'pour « galet token run --ble »' },
      },
      {
        line: 'galet doctor --udev | sudo tee /etc/udev/rules.d/70-galet.rules',
        meaning: { en: 'lets you use tokens at a cable', fr: 'vous laisse utiliser les galets par câble' },
      },
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
        line: 'galet demo --air ble',
        meaning: { en: 'over real Bluetooth, where btvirt is', fr: 'par un vrai Bluetooth, là où est btvirt' },
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
        line: 'galet backend serve --releases /srv/galet/releases',
        meaning: { en: 'with firmware published elsewhere', fr: 'avec des micrologiciels publiés ailleurs' },
      },
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
        line: 'galet token run --flash alice.flash --ble --adapter hci0',
        meaning: { en: 'over real Bluetooth', fr: 'par un vrai Bluetooth' },
      },
      {
        line: 'galet token run --flash alice.flash --clock lost',
        meaning: { en: 'as after an empty battery', fr: 'comme après une batterie vide' },
      },
    ],
  },
  'token list': {
    description: {
      en: 'Lists the tokens at this counter: those on USB, and those whose button was pressed just now, nearest first. Each blinks a colour of its own, by which --colour names it.',
      fr: 'Dresse la liste des galets à ce comptoir : ceux branchés en USB, et ceux dont on vient de presser le bouton, le plus proche d’abord. Chacun clignote dans une couleur à lui, que --colour désigne.',
    },
    examples: [
      { line: 'galet token list', meaning: { en: 'by cable and on the air', fr: 'branchés ou par radio' } },
      {
        line: 'galet token list --ble --wait 30',
        meaning: { en: 'on the air, with time to press', fr: 'par radio, avec le temps de presser' },
      },
      {
        line: 'galet token list /dev/ttyS0 --json',
        meaning: { en: 'at that port, as a JSON array', fr: 'à ce port, en un tableau JSON' },
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
      {
        line: 'galet token show --ble',
        meaning: { en: 'the nearest one whose button was pressed', fr: 'le plus proche dont on a pressé le bouton' },
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
      {
        line: 'galet token forget --colour violet',
        meaning: {
          en: 'the one that blinks violet, over Bluetooth',
          fr: 'celui qui clignote en violet, par Bluetooth',
        },
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
      {
        line: 'galet provision --ble',
        meaning: { en: 'over Bluetooth: press its button first', fr: 'par Bluetooth : pressez d’abord son bouton' },
      },
    ],
  },
  sync: {
    description: {
      en: 'A visit: sets the token’s clock, gives it 21 days of identifiers and its sealed status, brings a receipt that was due, then a new version of its software if there is one.',
      fr: 'Une visite : met le galet à l’heure, lui donne 21 jours d’identifiants et son statut scellé, apporte un reçu attendu, puis une nouvelle version de son logiciel s’il y en a une.',
    },
    examples: [
      { line: 'galet sync /dev/ttyACM0', meaning: { en: 'the token at that port', fr: 'le galet branché à ce port' } },
      {
        line: 'galet sync COM3 --json',
        meaning: { en: 'the result as one JSON object', fr: 'le résultat en un objet JSON' },
      },
      {
        line: 'galet sync COM3 --no-update',
        meaning: { en: 'a short visit: no new software now', fr: 'une visite courte : pas de nouveau logiciel' },
      },
      {
        line: 'galet sync --ble',
        meaning: { en: 'over Bluetooth: press its button first', fr: 'par Bluetooth : pressez d’abord son bouton' },
      },
      {
        line: 'galet sync --colour green',
        meaning: {
          en: 'the one that blinks green: see galet token list',
          fr: 'celui qui clignote en vert : voyez galet token list',
        },
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
      {
        line: 'galet report --ble --code K7M2QXPD',
        meaning: {
          en: 'over Bluetooth: she presses once to be found, and again to agree',
          fr: 'par Bluetooth : un appui pour être trouvée, un autre pour accepter',
        },
      },
    ],
  },
  firmware: {
    description: {
      en: 'Firmware: release keys, what they sign, and what is published. Keys, signing and checking need no network.',
      fr: 'Le micrologiciel : clés de publication, ce qu’elles signent, et ce qui est publié. Clés, signature et vérification se passent de réseau.',
    },
    examples: [
      {
        line: 'galet firmware check releases',
        meaning: { en: 'would tokens take all of this?', fr: 'les galets accepteraient-ils tout cela ?' },
      },
    ],
  },
  'firmware key': {
    description: {
      en: 'Makes a release key: the secret half in a file under a passphrase, the public half beside it. Each of three people makes one, on a computer without a network.',
      fr: 'Crée une clé de publication : la moitié secrète dans un fichier sous phrase de passe, la moitié publique à côté. Trois personnes en créent une chacune, sur un ordinateur sans réseau.',
    },
    examples: [
      {
        line: 'galet firmware key --out alice.key',
        meaning: { en: 'alice.key (secret) and alice.pub', fr: 'alice.key (secrète) et alice.pub' },
      },
    ],
  },
  'firmware root': {
    description: {
      en: 'Makes a root: the three release keys of which two must sign everything. The next one is signed by two keys of the one before and two of its own.',
      fr: 'Crée une racine : les trois clés de publication dont deux doivent tout signer. La suivante est signée par deux clés de la précédente et deux des siennes.',
    },
    examples: [
      {
        line: 'galet firmware root --keys alice.pub bob.pub carol.pub --out releases/roots/1.json',
        meaning: { en: 'the first', fr: 'la première' },
      },
      {
        line: 'galet firmware root --keys alice.pub bob.pub dan.pub --previous releases/roots/1.json --out releases/roots/2.json',
        meaning: { en: 'Carol’s key is replaced by Dan’s', fr: 'la clé de Dan remplace celle de Carol' },
      },
    ],
  },
  'firmware configure': {
    description: {
      en: 'Makes the configuration that tokens obey once two keys have signed it: when the service ends, and which key reports are sealed for.',
      fr: 'Crée la configuration que les galets suivent une fois signée par deux clés : la fin du service, et la clé pour laquelle les signalements sont scellés.',
    },
    examples: [
      {
        line: 'galet firmware configure --end 2027-06-30 --backend https://galet.example --out releases/configuration.json',
        meaning: { en: 'with the server’s own key', fr: 'avec la clé du serveur' },
      },
      {
        line: 'galet firmware configure --end never --gateway-key n3PV...= --out releases/configuration.json',
        meaning: { en: 'without a network, no end yet', fr: 'sans réseau, sans fin prévue' },
      },
    ],
  },
  'firmware release': {
    description: {
      en: 'Makes an unsigned release of a firmware that was built, with its image, in a release folder.',
      fr: 'Crée une publication à signer d’un micrologiciel construit, avec son image, dans un dossier de publication.',
    },
    examples: [
      {
        line: 'galet firmware release dist/firmware/bangle2 --out releases',
        meaning: { en: 'to be taken up within 30 days', fr: 'à prendre sous 30 jours' },
      },
      {
        line: 'galet firmware release dist/firmware/bangle2 --out releases --expires 7',
        meaning: { en: 'within a week', fr: 'sous une semaine' },
      },
    ],
  },
  'firmware sign': {
    description: {
      en: 'Says what a file stands for, then adds the signature of one release key to it. Takes some seconds.',
      fr: 'Dit ce que contient un fichier, puis y ajoute la signature d’une clé de publication. Prend quelques secondes.',
    },
    examples: [
      {
        line: 'galet firmware sign releases/bangle2/release.json --key alice.key',
        meaning: { en: 'asks for her passphrase', fr: 'demande sa phrase de passe' },
      },
      {
        line: 'galet firmware sign releases/roots/1.json --key bob.key --passphrase-file bob.txt',
        meaning: { en: 'the passphrase from a file', fr: 'phrase de passe lue dans un fichier' },
      },
    ],
  },
  'firmware check': {
    description: {
      en: 'Verifies a file or a whole release folder as a token would: signatures, roots, expiry, images. Succeeds only if a token would take all of it.',
      fr: 'Vérifie un fichier ou tout un dossier de publication comme le ferait un galet : signatures, racines, échéances, images. Ne réussit que si un galet accepterait tout.',
    },
    examples: [
      { line: 'galet firmware check releases', meaning: { en: 'the whole folder', fr: 'tout le dossier' } },
      {
        line: 'galet firmware check releases --root my-root.json',
        meaning: {
          en: 'starting from the root that you keep yourself',
          fr: 'à partir de la racine que vous gardez vous-même',
        },
      },
    ],
  },
  'firmware list': {
    description: {
      en: 'Lists what a release folder holds, or what a counter offers to tokens. Verifies nothing: that is “check”.',
      fr: 'Dresse la liste de ce que contient un dossier de publication, ou de ce qu’un comptoir propose aux galets. Ne vérifie rien : c’est « check ».',
    },
    examples: [
      { line: 'galet firmware list releases', meaning: { en: 'of a folder', fr: 'd’un dossier' } },
      {
        line: 'galet firmware list --kiosk http://127.0.0.1:8471',
        meaning: { en: 'of the counter on this computer', fr: 'du comptoir de cet ordinateur' },
      },
    ],
  },
  'firmware install': {
    description: {
      en: 'Makes a token of a board with Espruino on it: checks the board and what the release keys have signed, uploads it, and provisions the token. Interrupted, it is run again.',
      fr: 'Fait un galet d’une carte munie d’Espruino : vérifie la carte et ce que les clés de publication ont signé, l’envoie, puis enregistre le galet. Interrompue, la commande se relance.',
    },
    examples: [
      {
        line: 'galet firmware install /dev/ttyACM0',
        meaning: { en: 'what the counter has for this board', fr: 'ce que le comptoir a pour cette carte' },
      },
      {
        line: 'galet firmware install COM3 --releases releases --no-provision',
        meaning: {
          en: 'from a release folder, provisioned later',
          fr: 'd’un dossier de publication, enregistré plus tard',
        },
      },
      {
        line: 'galet firmware install /dev/ttyACM0 --erase',
        meaning: { en: 'a board that had other programs', fr: 'une carte qui avait d’autres programmes' },
      },
      {
        line: 'galet firmware install --ble',
        meaning: { en: 'over Bluetooth, to the nearest board', fr: 'par Bluetooth, sur la carte la plus proche' },
      },
    ],
  },
  'firmware fleet': {
    description: {
      en: 'Says which versions visited in the last seven days, as counts. Counts below ten are not told apart; no visit is linked to another.',
      fr: 'Dit quelles versions sont passées ces sept derniers jours, en nombres. Les nombres inférieurs à dix ne sont pas détaillés ; aucune visite n’est reliée à une autre.',
    },
    examples: [
      {
        line: 'galet firmware fleet --backend https://galet.example --credential operator.txt',
        meaning: { en: 'with the operator credential', fr: 'avec le justificatif de l’opérateur' },
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
  releasesServed: {
    en: 'folder of what the release keys have signed, instead of “releases” in the server’s own',
    fr: 'dossier de ce que les clés de publication ont signé, au lieu de « releases » dans celui du serveur',
  },
  credential: { en: 'file with the operator credential', fr: 'fichier du justificatif de l’opérateur' },
  kind: { en: 'short (typed by a person) or jwt (signed)', fr: 'short (saisi par une personne) ou jwt (signé)' },
  code: { en: 'the one-time code', fr: 'le code à usage unique' },
  noUpdate: { en: 'leave the token’s software as it is', fr: 'laisser le logiciel du galet tel quel' },
  wait: { en: 'seconds to wait for the server’s receipt', fr: 'secondes d’attente du reçu du serveur' },
  ble: {
    en: 'over Bluetooth: the nearest token whose button was pressed just now',
    fr: 'par Bluetooth : le galet le plus proche dont on vient de presser le bouton',
  },
  colour: {
    en: 'over Bluetooth: the token that blinks so (blue, green, yellow, violet, cyan, white)',
    fr: 'par Bluetooth : le galet qui clignote ainsi (bleu, vert, jaune, violet, turquoise, blanc)',
  },
  adapter: {
    en: 'Bluetooth adapter: hci0, or the port of a controller with HCI over UART, for instance /dev/ttyACM0@1000000 (otherwise GALET_ADAPTER, or the first)',
    fr: 'adaptateur Bluetooth : hci0, ou le port d’un contrôleur HCI sur UART, par exemple /dev/ttyACM0@1000000 (sinon GALET_ADAPTER, ou le premier)',
  },
  seek: { en: 'seconds in which a button may be pressed', fr: 'secondes pour presser un bouton' },
  listPorts: { en: 'these serial ports, and nothing else', fr: 'ces ports série, et rien d’autre' },
  listBle: { en: 'the tokens on the air', fr: 'les galets joignables par radio' },
  listUsb: { en: 'the tokens by cable', fr: 'les galets branchés' },
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
  tokenBle: {
    en: 'the air is Bluetooth, and a counter may connect for a minute after each press',
    fr: 'l’air est le Bluetooth, et un comptoir peut se connecter une minute après chaque pression',
  },
  docked: {
    en: 'a counter may connect at any time, without a press',
    fr: 'un comptoir peut se connecter à tout moment, sans pression',
  },
  txGain: {
    en: 'gain of the adapter as it sends (dB, -128 to 127)',
    fr: 'gain de l’adaptateur à l’émission (dB, de -128 à 127)',
  },
  rxGain: {
    en: 'gain of the adapter as it receives (dB, -128 to 127)',
    fr: 'gain de l’adaptateur à la réception (dB, de -128 à 127)',
  },
  distance: { en: 'metres between this token and the others', fr: 'mètres entre ce galet et les autres' },
  seed: { en: 'the same number plays the same day', fr: 'le même nombre joue la même journée' },
  demoAir: {
    en: 'five tokens with real Bluetooth on an emulated controller (btvirt), in real time',
    fr: 'cinq galets avec un vrai Bluetooth sur un contrôleur émulé (btvirt), en temps réel',
  },
  nobodyPositive: { en: 'nobody tests positive', fr: 'personne n’est positif' },
  break: {
    en: 'fault to plant: mac, seal, ratchet or outbox',
    fr: 'panne à introduire : mac, seal, ratchet ou outbox',
  },
  keep: { en: 'leaves the servers running to explore', fr: 'laisse tourner les serveurs, pour explorer' },
  keyOut: { en: 'file for the secret key; must not exist yet', fr: 'fichier de la clé secrète ; ne doit pas exister' },
  passphraseFile: {
    en: 'file with the passphrase (otherwise GALET_PASSPHRASE, or asked for)',
    fr: 'fichier de la phrase de passe (sinon GALET_PASSPHRASE, ou demandée)',
  },
  publicKeys: { en: 'the three public keys', fr: 'les trois clés publiques' },
  previousRoot: { en: 'the root that this one follows', fr: 'la racine que celle-ci suit' },
  signedOut: { en: 'file to write', fr: 'fichier à écrire' },
  endDate: {
    en: 'day on which the service ends (00:00 UTC), for instance 2027-06-30, or never',
    fr: 'jour de la fin du service (0 h UTC), par exemple 2027-06-30, ou never (jamais)',
  },
  gatewayKey: { en: 'the gateway’s public key, base64', fr: 'clé publique de la passerelle, en base64' },
  configurationNumber: {
    en: 'its version; otherwise one more than the file that it replaces',
    fr: 'sa version ; sinon une de plus que le fichier remplacé',
  },
  expiresDays: { en: 'days in which tokens take it, 1 to 90', fr: 'jours où les galets l’acceptent, de 1 à 90' },
  buildFolder: {
    en: 'folder of one board that “npm run firmware” has made',
    fr: 'dossier d’une carte fait par « npm run firmware »',
  },
  releasesOut: { en: 'the release folder', fr: 'le dossier de publication' },
  signedFile: { en: 'root, configuration or release to sign', fr: 'racine, configuration ou publication à signer' },
  releaseKey: { en: 'file of the release key', fr: 'fichier de la clé de publication' },
  trustedRoot: {
    en: 'file of the root that you trust; otherwise the first of the folder',
    fr: 'fichier de la racine à qui vous faites confiance ; sinon la première du dossier',
  },
  checkPath: { en: 'a signed file, or a release folder', fr: 'un fichier signé, ou un dossier de publication' },
  releasesFolder: {
    en: 'the release folder; otherwise that of this computer’s server',
    fr: 'le dossier de publication ; sinon celui du serveur de cet ordinateur',
  },
  releasesInstalled: {
    en: 'release folder; otherwise what the counter’s service offers',
    fr: 'dossier de publication ; sinon ce que propose le comptoir',
  },
  boardName: {
    en: 'which board it is, for an interpreter that Galet does not know',
    fr: 'de quelle carte il s’agit, pour un interpréteur que Galet ne connaît pas',
  },
  buildScripts: {
    en: 'folder of the scripts that “npm run firmware” has made',
    fr: 'dossier des scripts faits par « npm run firmware »',
  },
  eraseBoard: { en: 'erase whatever else is on the board', fr: 'effacer tout ce que la carte contient d’autre' },
  noProvision: { en: 'leave the token blank', fr: 'laisser le galet vierge' },
  kioskReleases: { en: 'ask the counter’s service at this address', fr: 'interroger le comptoir à cette adresse' },
  doctorPort: {
    en: 'a serial port to look at, whatever its name',
    fr: 'un port série à examiner, quel que soit son nom',
  },
  doctorToken: {
    en: 'a token shall run here over Bluetooth',
    fr: 'un galet doit tourner ici en Bluetooth',
  },
  udev: { en: 'print the recommended udev rules', fr: 'écrire les règles udev recommandées' },
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
  conflict: {
    en: 'option “{name}” does not go with another one that was given.',
    fr: 'l’option « {name} » ne va pas avec une autre qui est donnée.',
  },
  portOrAir: {
    en: 'name a port, or say --ble: not both.',
    fr: 'nommez un port, ou dites --ble : pas les deux.',
  },
  tooMany: { en: 'there are too many arguments.', fr: 'il y a trop d’arguments.' },
  noCommand: { en: 'a command is needed; see --help.', fr: 'il faut une commande ; voyez --help.' },
  didYouMean: { en: ' Did you mean “{name}”?', fr: ' Vouliez-vous dire « {name} » ?' },
} as const satisfies Record<string, Sentence>;
