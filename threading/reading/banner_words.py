"""Words of the banners that mail filters put into mail from outside, by language: data only, lower-case, without punctuation.

A banner says where a mail comes from (`ORIGINS`) and what its reader should mind (`WARNINGS`). One of them alone proves nothing: people
write such words too. `TAGS` are whole banners in brackets or capitals.
"""

ORIGINS: dict[str, tuple[str, ...]] = {
    "en": ("external email", "external e mail", "external mail", "external sender", "external message", "external source", "originated from outside", "originates from outside", "originating from outside", "came from outside", "comes from outside", "sent from outside", "was sent from an external", "is from outside", "is from an external", "outside of the organization", "outside of the organisation", "outside the organization", "outside the organisation", "outside of your organization", "outside of your organisation", "outside your organization", "outside your organisation", "outside our organization", "outside our organisation", "outside of our organization", "outside of our organisation", "outside the company", "outside of the company", "outside our company", "outside your company", "you don t often get email from", "don t often get email from", "some people who received this message"),
    "de": ("externe e mail", "externe email", "externe mail", "externe nachricht", "externer absender", "externen absender", "externe quelle", "externen quelle", "von außerhalb der organisation", "von ausserhalb der organisation", "von außerhalb ihrer organisation", "von außerhalb unserer organisation", "von außerhalb des unternehmens", "von außerhalb unseres unternehmens", "von außerhalb der firma", "von extern", "sie erhalten nicht oft eine e mail von", "sie erhalten nicht häufig e mails von", "einige personen die diese nachricht erhalten haben"),
    "fr": ("e mail externe", "email externe", "mail externe", "courriel externe", "message externe", "courrier externe", "expéditeur externe", "source externe", "provient de l extérieur", "vient de l extérieur", "envoyé de l extérieur", "émane de l extérieur", "extérieur de l organisation", "extérieur de votre organisation", "extérieur de notre organisation", "extérieur de l entreprise", "vous n obtenez pas souvent d e mail", "vous ne recevez pas souvent de courriers de", "vous ne recevez pas souvent d e mail"),
    "es": ("correo externo", "correo electrónico externo", "mensaje externo", "remitente externo", "origen externo", "fuera de la organización", "fuera de su organización", "fuera de nuestra organización", "fuera de la empresa", "exterior de la organización", "no suele recibir correo electrónico de", "no suele recibir correos electrónicos de", "no recibe correo electrónico con frecuencia de"),
    "it": ("e mail esterna", "email esterna", "mail esterna", "messaggio esterno", "mittente esterno", "dall esterno", "esterno dell organizzazione", "esterno della tua organizzazione", "esterno all organizzazione", "al di fuori dell organizzazione", "al di fuori dell azienda", "non si riceve spesso posta elettronica da", "non ricevi spesso messaggi di posta elettronica da"),
    "pt": ("e mail externo", "email externo", "mensagem externa", "remetente externo", "origem externa", "fora da organização", "fora da sua organização", "fora da nossa organização", "fora da empresa", "exterior da organização", "você não costuma receber", "não costuma receber e mails de", "não costuma receber emails de", "não recebe frequentemente e mails de"),
    "nl": ("externe e mail", "externe mail", "extern bericht", "externe afzender", "van buiten de organisatie", "van buiten uw organisatie", "van buiten onze organisatie", "buiten de organisatie", "van buiten het bedrijf", "afkomstig van buiten", "u ontvangt niet vaak e mail van", "u krijgt niet vaak een e mail van"),
}  # fmt: skip

WARNINGS: dict[str, tuple[str, ...]] = {
    "en": ("do not click", "don t click", "do not open", "don t open", "be careful with", "be cautious", "use caution", "exercise caution", "take care when", "think before you click", "unless you recognize", "unless you recognise", "unless you trust", "unless you know", "know the content is safe", "content is safe", "be wary", "be vigilant", "stay vigilant", "verify the sender", "learn why this is important", "do not reply unless", "report suspicious"),
    "de": ("klicken sie nicht", "nicht auf links", "keine links", "öffnen sie keine", "keine anhänge", "seien sie vorsichtig", "mit vorsicht", "vorsicht bei", "vorsicht beim", "vorsichtig mit", "vorsichtig bei", "bevor sie auf links", "bevor sie links", "bevor sie anhänge", "prüfen sie den absender", "wenn sie den absender", "inhalt sicher ist", "warum dies wichtig ist", "warum das wichtig ist", "aktivieren sie keine"),
    "fr": ("ne cliquez pas", "ne cliquez sur aucun", "n ouvrez pas", "n ouvrez aucune", "n ouvrir", "soyez prudent", "soyez vigilant", "soyez prudents", "soyez vigilants", "faites preuve de prudence", "avec prudence", "à moins de connaître", "contenu est sûr", "pourquoi c est important", "pourquoi cela est important", "pourquoi ceci est important"),
    "es": ("no haga clic", "no haga click", "no pulse", "no abra", "tenga cuidado", "tenga precaución", "extreme la precaución", "con precaución", "contenido es seguro", "por qué esto es importante", "por qué es importante"),
    "it": ("non fare clic", "non fare click", "non cliccare", "non cliccate", "non aprire", "non aprite", "prestare attenzione", "prestate attenzione", "presta attenzione", "fare attenzione", "con cautela", "contenuto è sicuro", "contenuto sia sicuro", "perché è importante", "perché questo è importante"),
    "pt": ("não clique", "não abra", "não abrir", "tenha cuidado", "tenha cautela", "com cuidado", "com cautela", "conteúdo é seguro", "por que isso é importante", "porque é que isto é importante", "porque isto é importante"),
    "nl": ("klik niet", "klik geen", "open geen", "open niet", "wees voorzichtig", "wees alert", "wees op uw hoede", "voorzichtig met", "inhoud veilig is", "waarom dit belangrijk is"),
}  # fmt: skip

TAGS = frozenset(
    "external|external email|external e mail|external mail|external sender|external message|ext|extern|externe e mail|externe mail"
    "|externe nachricht|externer absender|externe|courriel externe|e mail externe|message externe|expéditeur externe|externo|correo externo"
    "|remitente externo|esterno|mail esterna|e mail esterna|mittente esterno|e mail externo|remetente externo|extern bericht|externe afzender".split("|")
)  # fmt: skip

# What a banner may begin with where its first line says no more.
ALARMS = frozenset("caution warning attention notice alert external achtung warnung vorsicht hinweis extern avertissement prudence precaución advertencia aviso atención attenzione avviso cautela atenção cuidado let waarschuwing".split())  # fmt: skip

# What a banner is about. Each of its sentences names one of these, or has another phrase of this file.
THINGS = frozenset("link links attachment attachments sender content phishing anhang anhänge anhängen absender absenders inhalt lien liens pièce pièces jointe jointes expéditeur contenu enlace enlaces vínculo vínculos adjunto adjuntos remitente contenido collegamento collegamenti allegato allegati mittente contenuto hiperligações anexo anexos remetente conteúdo koppeling koppelingen bijlage bijlagen afzender inhoud".split())  # fmt: skip

# Who writes for themselves has one of these words; a filter has not.
OWN = frozenset("i my me we us ich mein meine mir mich wir uns unser je j mon ma mes moi nous nos mi mis yo nosotros io mio mia noi eu meu minha nós ik mijn wij ons".split())  # fmt: skip
