/** One page: what the whole of Galet holds about a wearer. `galet help what-it-holds` and docs/privacy show this text. */
import type { Language } from './catalogue.js';

interface Section {
  title: string;
  items: string[];
}

interface Page {
  title: string;
  lead: string;
  sections: Section[];
}

const ENGLISH: Page = {
  title: 'What does it hold about me?',
  lead: 'Nobody asks for your name, your telephone number or your address, and nothing knows where you have been.',
  sections: [
    {
      title: 'What I have to do',
      items: [
        'Nothing: wear it, and lay it on the counter now and then.',
        'Nothing leaves it unless you press it for three seconds, within one minute of being asked.',
        'The pharmacy or the home may keep its own list of who wears which token. That list is theirs: it is no part of Galet.',
      ],
    },
    {
      title: 'In the token',
      items: [
        'Random identifiers for the next 21 days. A new one is spoken every 15 minutes; none is used twice.',
        'The random identifiers it heard in the last 14 days, when and how strongly. They are sealed as they are written: who takes the token apart can open the last quarter of an hour, and only the server can open the rest.',
        'Two secret keys of its own, its clock, and what the server last told it: whether you have been near somebody who tested positive, on which day, and the number to ring.',
        'Its first keys come from whoever set it up, who could read and imitate it with them. By itself it makes others, which only the server can know, and it goes over to them at its next visits.',
        'If you have reported: the random number of that report and a fingerprint of its code, until the next one.',
        'Not in it: names, places, test results, anything about the people you met but random identifiers.',
      ],
    },
    {
      title: 'In the counter’s computer',
      items: [
        'It carries sealed envelopes between token and server. It cannot read them, change them or make them up.',
        'If you report: the sealed report and its one-time code, until the server has it. That takes seconds; without a network, 14 days at most. Then only a random number and a receipt, 15 days at most.',
        'It is told that a token is “good for more than n days” or needs a visit: never whether you are at risk.',
        'What it cannot hide: who stands at the counter sees you come, and sees whether you are asked to press.',
      ],
    },
    {
      title: 'In the health authority’s server',
      items: [
        'A random number for your token and its secret keys, kept encrypted; a key that your token has replaced, for 16 days more. No name is with it.',
        'For the last 14 days: in which quarters of an hour your token was near one that was reported, and how near. With that: whether you are to be warned, and when your token last asked.',
        'Reported contacts, mixed with those of other people, until they have been counted: not who reported them.',
        'One-time codes: until when they were good and whether they were used, for 15 days.',
        'A log of what its operators did, and figures about groups of ten people or more.',
        'With its keys it can tell which random number an identifier belongs to, because that is how it warns you. Who joined its own network records with those of the counter could guess more; docs/privacy says what.',
      ],
    },
    {
      title: 'How it goes away',
      items: [
        'Contacts: by themselves, after 14 days, everywhere.',
        'Everything: lay the token on the counter, “galet token forget”, press. The server forgets the token, the token erases itself and proves it.',
        'On the day the service ends, tokens erase themselves and the server answers nobody any more.',
      ],
    },
  ],
};

const FRENCH: Page = {
  title: 'Que sait-il de moi ?',
  lead: 'Personne ne demande votre nom, votre téléphone ni votre adresse, et rien ne sait où vous êtes allé.',
  sections: [
    {
      title: 'Ce que j’ai à faire',
      items: [
        'Rien : le porter, et le poser de temps en temps sur le comptoir.',
        'Rien n’en sort si vous ne le pressez pas trois secondes, dans la minute où on vous le demande.',
        'La pharmacie ou la maison peut tenir sa propre liste de qui porte quel galet. Cette liste est à elle : elle ne fait pas partie de Galet.',
      ],
    },
    {
      title: 'Dans le galet',
      items: [
        'Des identifiants au hasard pour les 21 prochains jours. Il en dit un nouveau tous les quarts d’heure ; aucun ne sert deux fois.',
        'Les identifiants au hasard qu’il a entendus ces 14 derniers jours, quand et avec quelle force. Ils sont scellés dès qu’ils sont écrits : qui démonte le galet peut ouvrir le dernier quart d’heure, et seul le serveur peut ouvrir le reste.',
        'Deux clés secrètes à lui, son horloge, et ce que le serveur lui a dit en dernier : si vous avez été près d’une personne testée positive, quel jour, et le numéro à appeler.',
        'Ses premières clés viennent de qui l’a préparé, et qui pourrait avec elles le lire et l’imiter. De lui-même il en fait d’autres, que le serveur seul peut connaître, et il y passe à ses visites suivantes.',
        'Si vous avez fait un signalement : son numéro au hasard et une empreinte de son code, jusqu’au suivant.',
        'Il n’y a dedans ni noms, ni lieux, ni résultats de tests, ni rien sur les gens rencontrés que des identifiants au hasard.',
      ],
    },
    {
      title: 'Dans l’ordinateur du comptoir',
      items: [
        'Il porte des enveloppes scellées entre le galet et le serveur. Il ne peut ni les lire, ni les changer, ni en inventer.',
        'Si vous faites un signalement : le signalement scellé et son code à usage unique, jusqu’à ce que le serveur l’ait. C’est l’affaire de secondes ; sans réseau, de 14 jours au plus. Ensuite, un numéro au hasard et un reçu, 15 jours au plus.',
        'On lui dit qu’un galet est « bon pour plus de n jours » ou qu’il lui faut une visite : jamais si vous êtes à risque.',
        'Ce qu’il ne peut pas cacher : qui se tient au comptoir vous voit venir, et voit si l’on vous demande de presser.',
      ],
    },
    {
      title: 'Dans le serveur de l’autorité de santé',
      items: [
        'Un numéro au hasard pour votre galet et ses clés secrètes, gardées chiffrées ; une clé qu’il a remplacée, 16 jours encore. Aucun nom n’y est joint.',
        'Pour les 14 derniers jours : dans quels quarts d’heure votre galet a été près d’un galet signalé, et de combien. Avec cela : s’il faut vous avertir, et quand votre galet a demandé pour la dernière fois.',
        'Les contacts signalés, mêlés à ceux d’autres personnes, jusqu’à ce qu’ils soient comptés : pas qui les a signalés.',
        'Les codes à usage unique : jusqu’à quand ils étaient bons et s’ils ont servi, pendant 15 jours.',
        'Un journal de ce que ses opérateurs ont fait, et des chiffres sur des groupes de dix personnes au moins.',
        'Avec ses clés, il peut savoir à quel numéro au hasard appartient un identifiant, car c’est ainsi qu’il vous avertit. Qui rapprocherait ses traces de réseau de celles du comptoir pourrait deviner davantage ; docs/privacy dit quoi.',
      ],
    },
    {
      title: 'Comment cela disparaît',
      items: [
        'Les contacts : d’eux-mêmes, après 14 jours, partout.',
        'Tout : posez le galet sur le comptoir, « galet token forget », pressez. Le serveur oublie le galet, le galet s’efface et le prouve.',
        'Le jour où le service prend fin, les galets s’effacent et le serveur ne répond plus à personne.',
      ],
    },
  ],
};

export const holdsPages: Record<Language, Page> = { en: ENGLISH, fr: FRENCH };

/** `text` broken at spaces into lines of at most `width` characters. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

/** The page for a terminal of `width` columns. */
export function holdsText(language: Language, width: number): string {
  const { title, lead, sections } = holdsPages[language];
  const lines = [title, '', ...wrap(lead, width)];
  for (const section of sections) {
    lines.push('', section.title);
    for (const item of section.items) {
      lines.push(...wrap(item, width - 4).map((line, index) => (index === 0 ? `  - ${line}` : `    ${line}`)));
    }
  }
  return `${lines.join('\n')}\n`;
}

function markdown({ title, lead, sections }: Page): string {
  const parts = sections.map(
    (section) => `### ${section.title}\n\n${section.items.map((item) => `- ${item}`).join('\n')}\n`,
  );
  return `## ${title}\n\n${lead}\n\n${parts.join('\n')}`;
}

/** The whole of docs/privacy/what-it-holds.md. */
export function holdsDocument(): string {
  return `# What it holds about me / Ce qu’il sait de moi\n\n${markdown(FRENCH)}\n${markdown(ENGLISH)}`;
}
