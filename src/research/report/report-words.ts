/** The fixed words of a report, in its language. */
import { baseLanguage } from '../evidence/language.ts';

export interface ReportWords {
  question: string;
  sources: string;
  retrieved: string;
  published: string;
  page: string;
  source: string;
  openSource: string;
  close: string;
  unsupported: string;
  /** `{0}` and so on stand for numbers. */
  precision: string;
  removed: string;
  marked: string;
  /** {0} of {1} by the model {2}. */
  judged: string;
  /** Before the sentences that were not. */
  doubted: string;
  /** Before a question that nothing was found for. */
  uncovered: string;
  /** How the check was done, in a sentence. */
  checked: string;
  outcomes: Readonly<Record<string, string>>;
}

const ENGLISH: ReportWords = {
  question: 'Question', sources: 'Sources', retrieved: 'read', published: 'published', page: 'page', source: 'Source', openSource: 'Open the source', close: 'Close', unsupported: 'unsupported',
  precision: '{0} sentences, {1} cited, {2} verified', removed: '{0} removed', marked: '{0} marked as unsupported',
  judged: '{0} of {1} judged supported by {2}', doubted: 'Not judged supported', uncovered: 'Not covered by evidence',
  checked: 'Verified means that code found the quotations, numbers, dates and names of the sentence in the passages it cites.',
  outcomes: { complete: 'Complete', partial: 'Partial', 'no-evidence': 'No evidence', blocked: 'Blocked', 'over-budget': 'Over budget' },
};

const WORDS: Readonly<Record<string, ReportWords>> = {
  en: ENGLISH,
  de: {
    question: 'Frage', sources: 'Quellen', retrieved: 'gelesen am', published: 'veröffentlicht am', page: 'Seite', source: 'Quelle', openSource: 'Quelle öffnen', close: 'Schließen', unsupported: 'nicht belegt',
    precision: '{0} Sätze, {1} mit Beleg, {2} geprüft', removed: '{0} entfernt', marked: '{0} als nicht belegt gekennzeichnet',
    judged: '{0} von {1} nach dem Urteil von {2} belegt', doubted: 'Nach diesem Urteil nicht belegt', uncovered: 'Ohne Beleg geblieben',
    checked: 'Geprüft heißt: Ein Programm hat die Zitate, Zahlen, Daten und Namen des Satzes in den angegebenen Stellen gefunden.',
    outcomes: { complete: 'Vollständig', partial: 'Teilweise', 'no-evidence': 'Keine Belege', blocked: 'Blockiert', 'over-budget': 'Über dem Budget' },
  },
  fr: {
    question: 'Question', sources: 'Sources', retrieved: 'lu le', published: 'publié le', page: 'page', source: 'Source', openSource: 'Ouvrir la source', close: 'Fermer', unsupported: 'non étayé',
    precision: '{0} phrases, {1} avec source, {2} vérifiées', removed: '{0} retirées', marked: '{0} signalées comme non étayées',
    judged: '{0} sur {1} jugées étayées par {2}', doubted: 'Non jugées étayées', uncovered: 'Resté sans preuve',
    checked: 'Vérifiée signifie qu’un programme a trouvé les citations, nombres, dates et noms de la phrase dans les passages cités.',
    outcomes: { complete: 'Complet', partial: 'Partiel', 'no-evidence': 'Aucune preuve', blocked: 'Bloqué', 'over-budget': 'Hors budget' },
  },
  es: {
    question: 'Pregunta', sources: 'Fuentes', retrieved: 'leído el', published: 'publicado el', page: 'página', source: 'Fuente', openSource: 'Abrir la fuente', close: 'Cerrar', unsupported: 'sin respaldo',
    precision: '{0} frases, {1} con fuente, {2} verificadas', removed: '{0} eliminadas', marked: '{0} marcadas sin respaldo',
    judged: '{0} de {1} respaldadas a juicio de {2}', doubted: 'Sin respaldo según ese juicio', uncovered: 'Sin pruebas',
    checked: 'Verificada significa que un programa encontró las citas, cifras, fechas y nombres de la frase en los pasajes citados.',
    outcomes: { complete: 'Completo', partial: 'Parcial', 'no-evidence': 'Sin pruebas', blocked: 'Bloqueado', 'over-budget': 'Presupuesto superado' },
  },
  it: {
    question: 'Domanda', sources: 'Fonti', retrieved: 'letto il', published: 'pubblicato il', page: 'pagina', source: 'Fonte', openSource: 'Apri la fonte', close: 'Chiudi', unsupported: 'non supportato',
    precision: '{0} frasi, {1} con fonte, {2} verificate', removed: '{0} rimosse', marked: '{0} segnalate come non supportate',
    judged: '{0} su {1} supportate a giudizio di {2}', doubted: 'Non supportate secondo questo giudizio', uncovered: 'Senza prove',
    checked: 'Verificata significa che un programma ha trovato citazioni, numeri, date e nomi della frase nei passaggi citati.',
    outcomes: { complete: 'Completo', partial: 'Parziale', 'no-evidence': 'Nessuna prova', blocked: 'Bloccato', 'over-budget': 'Oltre il budget' },
  },
  pt: {
    question: 'Pergunta', sources: 'Fontes', retrieved: 'lido em', published: 'publicado em', page: 'página', source: 'Fonte', openSource: 'Abrir a fonte', close: 'Fechar', unsupported: 'sem suporte',
    precision: '{0} frases, {1} com fonte, {2} verificadas', removed: '{0} removidas', marked: '{0} marcadas sem suporte',
    judged: '{0} de {1} sustentadas segundo {2}', doubted: 'Sem suporte segundo esse juízo', uncovered: 'Sem provas',
    checked: 'Verificada significa que um programa encontrou as citações, números, datas e nomes da frase nas passagens citadas.',
    outcomes: { complete: 'Completo', partial: 'Parcial', 'no-evidence': 'Sem provas', blocked: 'Bloqueado', 'over-budget': 'Acima do orçamento' },
  },
  nl: {
    question: 'Vraag', sources: 'Bronnen', retrieved: 'gelezen op', published: 'gepubliceerd op', page: 'pagina', source: 'Bron', openSource: 'Bron openen', close: 'Sluiten', unsupported: 'niet onderbouwd',
    precision: '{0} zinnen, {1} met bron, {2} gecontroleerd', removed: '{0} verwijderd', marked: '{0} gemarkeerd als niet onderbouwd',
    judged: '{0} van {1} onderbouwd volgens {2}', doubted: 'Volgens dat oordeel niet onderbouwd', uncovered: 'Zonder bewijs gebleven',
    checked: 'Gecontroleerd betekent dat een programma de citaten, getallen, datums en namen van de zin in de aangehaalde passages heeft gevonden.',
    outcomes: { complete: 'Volledig', partial: 'Gedeeltelijk', 'no-evidence': 'Geen bewijs', blocked: 'Geblokkeerd', 'over-budget': 'Boven budget' },
  },
};

/** English for languages that the table does not have. */
export const reportWords = (language: string): ReportWords => WORDS[baseLanguage(language)] ?? ENGLISH;

/** Whether the fixed words are in the language itself. */
export const hasWords = (language: string): boolean => baseLanguage(language) in WORDS;
