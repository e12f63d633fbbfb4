"""The ready answers that every desk has, for what support cannot do: their texts, and the words of requests that they fit.

Texts are by name and language. Words stand as `config.lexicon` reads them, one line a language; accents do not count.
"""

OTHER_ACCOUNT, PERMISSION, DATES, SCOPE = "other-account", "permission", "dates", "scope"

TEXTS = {
    OTHER_ACCOUNT: {
        "en": "We can only work on another person's account if that person agrees, even within one company. Please ask the owner of the "
        "account to write to us from their own email address. As soon as they do, we'll be glad to help.",
        "de": "Am Konto einer anderen Person dürfen wir nur mit deren Zustimmung etwas tun, auch innerhalb eines Unternehmens. Bitten Sie die "
        "Person, der das Konto gehört, uns von ihrer eigenen E-Mail-Adresse aus zu schreiben. Dann helfen wir gern weiter.",
        "fr": "Nous ne pouvons intervenir sur le compte d’une autre personne qu’avec son accord, même au sein d’une même entreprise. Demandez "
        "au titulaire du compte de nous écrire depuis sa propre adresse e-mail\u00a0: nous l’aiderons alors volontiers.",
        "es": "Solo podemos intervenir en la cuenta de otra persona si esa persona está de acuerdo, incluso dentro de la misma empresa. Pida al "
        "titular de la cuenta que nos escriba desde su propia dirección de correo y le ayudaremos con mucho gusto.",
        "it": "Possiamo intervenire sull’account di un’altra persona solo con il suo consenso, anche all’interno della stessa azienda. Chieda al "
        "titolare dell’account di scriverci dal proprio indirizzo e-mail: saremo lieti di aiutarlo.",
        "pt": "Só podemos intervir na conta de outra pessoa com o consentimento dela, mesmo dentro da mesma empresa. Peça ao titular da conta que "
        "nos escreva a partir do seu próprio endereço de e-mail; assim que o fizer, ajudamos com todo o gosto.",
        "nl": "Aan het account van iemand anders kunnen we alleen iets doen als die persoon daarmee instemt, ook binnen hetzelfde bedrijf. Vraag "
        "de eigenaar van het account om ons vanaf het eigen e-mailadres te schrijven. Dan helpen we graag verder.",
    },
    PERMISSION: {
        "en": "We don't change your business data without your explicit permission. Please tell us exactly what we should change, and that you "
        "agree to it. Until then we leave everything as it is.",
        "de": "Ihre Geschäftsdaten ändern wir nur mit Ihrer ausdrücklichen Erlaubnis. Bitte schreiben Sie uns genau, was wir ändern sollen und dass "
        "Sie damit einverstanden sind. Bis dahin lassen wir alles, wie es ist.",
        "fr": "Nous ne modifions pas vos données professionnelles sans votre autorisation explicite. Indiquez-nous précisément ce que nous devons "
        "modifier et confirmez votre accord. D’ici là, nous ne touchons à rien.",
        "es": "No modificamos los datos de su empresa sin su permiso expreso. Indíquenos exactamente qué debemos cambiar y confírmenos que está de "
        "acuerdo. Hasta entonces lo dejamos todo como está.",
        "it": "Non modifichiamo i dati della Sua azienda senza il Suo permesso esplicito. Ci indichi con precisione che cosa dobbiamo modificare e ci "
        "confermi il Suo consenso. Fino ad allora lasciamo tutto com’è.",
        "pt": "Não alteramos os dados da sua empresa sem a sua autorização expressa. Diga-nos exatamente o que devemos alterar e confirme que está de "
        "acordo. Até lá, deixamos tudo como está.",
        "nl": "We wijzigen uw bedrijfsgegevens niet zonder uw uitdrukkelijke toestemming. Laat ons precies weten wat we moeten wijzigen en dat u "
        "daarmee akkoord gaat. Tot die tijd laten we alles zoals het is.",
    },
    DATES: {
        "en": "Thank you for telling us what you need. We can't promise a date for a feature: plans change, and we'd rather give you no date than one "
        "we can't keep.",
        "de": "Danke, dass Sie uns schreiben, was Sie brauchen. Einen Termin für eine Funktion können wir nicht zusagen: Pläne ändern sich, und wir "
        "nennen Ihnen lieber keinen Termin als einen, den wir nicht halten können.",
        "fr": "Merci de nous avoir fait part de votre besoin. Nous ne pouvons pas promettre de date pour une fonctionnalité\u00a0: les plans évoluent, et nous "
        "préférons ne pas donner de date plutôt que d’en donner une que nous ne pourrions pas tenir.",
        "es": "Gracias por contarnos lo que necesita. No podemos prometer una fecha para una función: los planes cambian, y preferimos no dar ninguna fecha "
        "antes que una que no podamos cumplir.",
        "it": "Grazie per averci detto di che cosa ha bisogno. Non possiamo promettere una data per una funzione: i piani cambiano e preferiamo non "
        "indicare una data piuttosto che darne una che non possiamo rispettare.",
        "pt": "Obrigado por nos dizer do que precisa. Não podemos prometer uma data para uma funcionalidade: os planos mudam, e preferimos não indicar "
        "nenhuma data a dar uma que não possamos cumprir.",
        "nl": "Dank u dat u ons laat weten wat u nodig hebt. We kunnen geen datum voor een functie toezeggen: plannen veranderen, en we noemen liever geen "
        "datum dan een die we niet kunnen waarmaken.",
    },
    SCOPE: {
        "en": "We're sorry, but this is something we can't help with: our support covers our own product and your account with us. Please ask "
        "the company that looks after it, such as its maker, or a specialist.",
        "de": "Dabei können wir leider nicht helfen: Unser Support betrifft unser eigenes Produkt und Ihr Konto bei uns. Bitte wenden Sie sich an die "
        "zuständige Stelle, etwa den Hersteller oder eine Fachperson.",
        "fr": "Nous regrettons de ne pas pouvoir vous aider sur ce point\u00a0: notre assistance porte sur notre propre produit et sur votre compte chez nous. "
        "Adressez-vous à la personne compétente, par exemple le fabricant ou un spécialiste.",
        "es": "Lo sentimos, pero en esto no podemos ayudarle: nuestro soporte cubre nuestro propio producto y su cuenta con nosotros. Diríjase a quien "
        "corresponda, por ejemplo al fabricante o a un especialista.",
        "it": "Ci dispiace, ma su questo non possiamo aiutarLa: la nostra assistenza riguarda il nostro prodotto e il Suo account presso di noi. Si rivolga "
        "a chi se ne occupa, per esempio al produttore o a uno specialista.",
        "pt": "Lamentamos, mas neste assunto não podemos ajudar: o nosso apoio abrange o nosso próprio produto e a sua conta connosco. Dirija-se a quem trata "
        "dele, por exemplo o fabricante ou um especialista.",
        "nl": "Hiermee kunnen we u helaas niet helpen: onze ondersteuning geldt voor ons eigen product en uw account bij ons. Neem contact op met wie "
        "erover gaat, bijvoorbeeld de fabrikant of een specialist.",
    },
}

WORDS = {
    OTHER_ACCOUNT: {
        "en": "colleague s account, colleagues account, another user s account, another person s account, someone else s account, somebody else s account, "
        "other user s account, coworker s account, employee s account, boss s account, colleague s password, "
        "account of a colleague, account of my colleague, account of another, colleague s mailbox, colleague s login",
        "de": "konto meines kollegen, konto meiner kollegin, konto eines kollegen, konto einer kollegin, konto eines anderen, konto einer anderen, "
        "konto von jemand anderem, account meines kollegen, account meiner kollegin, zugang meines kollegen, zugang meiner kollegin, "
        "passwort meines kollegen, passwort meiner kollegin, konto meines chefs, konto meiner chefin, konto des mitarbeiters, konto eines mitarbeiters",
        "fr": "compte de mon collegue, compte de ma collegue, compte d un collegue, compte d une collegue, compte d un autre, compte d une autre, "
        "compte de quelqu un d autre, mot de passe de mon collegue, mot de passe de ma collegue, compte de mon chef, compte d un employe",
        "es": "cuenta de mi companero, cuenta de mi companera, cuenta de un companero, cuenta de una companera, cuenta de otro, cuenta de otra, "
        "cuenta de mi colega, cuenta de un colega, cuenta de mi jefe, cuenta de mi jefa, contrasena de mi companero, contrasena de mi companera, "
        "cuenta de un empleado",
        "it": "account del mio collega, account della mia collega, account di un collega, account di una collega, account di un altro, account di un altra, "
        "account di qualcun altro, password del mio collega, password della mia collega, account del mio capo, account di un dipendente",
        "pt": "conta do meu colega, conta da minha colega, conta de um colega, conta de uma colega, conta de outro, conta de outra, "
        "conta de outra pessoa, senha do meu colega, palavra passe do meu colega, palavra passe da minha colega, conta do meu chefe, conta de um funcionario",
        "nl": "account van mijn collega, account van een collega, account van een ander, account van iemand anders, account van mijn baas, "
        "wachtwoord van mijn collega, wachtwoord van een collega, account van een medewerker",
    },
    PERMISSION: {
        "en": "change our data, change my data, change the data, correct our data, edit our data, delete our data, delete all our, delete all records, "
        "delete the records, merge our customers, change our records, correct our records, update our records, overwrite our, change the invoice, "
        "change the amount",
        "de": "unsere daten andern, daten andern, daten zu andern, daten korrigieren, daten loschen, daten zu loschen, unsere daten loschen, datensatze loschen, "
        "datensatze andern, datensatze korrigieren, datensatze zusammenfuhren, stammdaten andern, rechnung andern, betrag andern",
        "fr": "modifier nos donnees, modifier les donnees, modifier mes donnees, corriger nos donnees, corriger les donnees, supprimer nos donnees, "
        "supprimer les donnees, effacer nos donnees, modifier la facture, modifier le montant, fusionner nos clients",
        "es": "cambiar nuestros datos, modificar nuestros datos, modificar los datos, cambiar los datos, corregir nuestros datos, corregir los datos, "
        "borrar nuestros datos, eliminar nuestros datos, borrar los registros, eliminar los registros, cambiar la factura, modificar la factura",
        "it": "modificare i nostri dati, modificare i dati, cambiare i nostri dati, correggere i nostri dati, correggere i dati, cancellare i nostri dati, "
        "eliminare i nostri dati, cancellare i record, modificare la fattura, modificare l importo",
        "pt": "alterar os nossos dados, alterar nossos dados, alterar os dados, corrigir os nossos dados, corrigir os dados, apagar os nossos dados, "
        "eliminar os nossos dados, excluir nossos dados, apagar os registos, excluir os registros, alterar a fatura",
        "nl": "onze gegevens wijzigen, gegevens wijzigen, gegevens aanpassen, onze gegevens aanpassen, gegevens verwijderen, onze gegevens verwijderen, "
        "gegevens corrigeren, records verwijderen, factuur aanpassen, factuur wijzigen, bedrag aanpassen",
    },
    DATES: {
        "en": "promise a date, promise me a date, promise us a date, release date, when will this feature, when will the feature, when will you release, "
        "when will you support, when will you add, when is the feature, when will it be available, on your roadmap, your roadmap, date for the feature, "
        "eta for",
        "de": "termin zusagen, datum zusagen, termin nennen, wann kommt die funktion, wann kommt das feature, wann gibt es die funktion, "
        "wann wird die funktion, wann wird das feature, veroffentlichungstermin, wann unterstutzen sie, eure roadmap, ihre roadmap, ihrer roadmap, "
        "wann ist damit zu rechnen",
        "fr": "promettre une date, date de sortie, quand sortira, quand cette fonctionnalite, quand la fonctionnalite, quand sera disponible, "
        "quand sera t elle disponible, votre feuille de route, quand allez vous ajouter, nous donner une date, me donner une date",
        "es": "prometer una fecha, fecha de lanzamiento, cuando estara disponible, cuando saldra, cuando anadiran, cuando van a anadir, "
        "cuando habra esta funcion, su hoja de ruta, darme una fecha, darnos una fecha",
        "it": "promettere una data, data di rilascio, data di uscita, quando sara disponibile, quando uscira, quando aggiungerete, quando arrivera la funzione, "
        "vostra roadmap, darmi una data, darci una data",
        "pt": "prometer uma data, data de lancamento, quando estara disponivel, quando vai estar disponivel, quando sai a funcionalidade, "
        "quando vao adicionar, quando havera, vosso roadmap, dar me uma data, dar nos uma data, quando sera lancad*",
        "nl": "datum toezeggen, datum beloven, releasedatum, wanneer komt de functie, wanneer komt deze functie, wanneer is de functie, wanneer komt het beschikbaar, "
        "wanneer is het beschikbaar, jullie roadmap, uw roadmap, wanneer voegen jullie",
    },
    SCOPE: {
        "en": "legal advice, tax advice, medical advice, fix my printer, repair my printer, set up my printer, repair my computer, fix my computer, "
        "my wifi, my router, homework, gmail password, facebook account, my phone is broken",
        "de": "rechtsberatung, steuerberatung, rechtlichen rat, drucker reparieren, meinen drucker, computer reparieren, mein wlan, meinen router, hausaufgabe*, "
        "facebook konto, gmail passwort",
        "fr": "conseil juridique, conseils juridiques, conseil fiscal, conseils fiscaux, reparer mon imprimante, mon imprimante, reparer mon ordinateur, mon wifi, "
        "mes devoirs, compte facebook, mot de passe gmail",
        "es": "asesoramiento legal, asesoria legal, asesoramiento fiscal, asesoria fiscal, reparar mi impresora, mi impresora, reparar mi ordenador, "
        "arreglar mi ordenador, mi wifi, mi router, cuenta de facebook, contrasena de gmail",
        "it": "consulenza legale, consulenza fiscale, parere legale, riparare la stampante, la mia stampante, riparare il computer, il mio wifi, il mio router, "
        "account facebook, password di gmail",
        "pt": "aconselhamento juridico, consultoria juridica, consultoria fiscal, reparar a minha impressora, minha impressora, reparar o meu computador, "
        "meu wifi, meu router, conta do facebook, senha do gmail",
        "nl": "juridisch advies, belastingadvies, printer repareren, mijn printer, computer repareren, mijn wifi, mijn router, huiswerk, facebook account, "
        "gmail wachtwoord",
    },
}
