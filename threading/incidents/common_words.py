"""The commonest words of each language, which say nothing about the subject of a text."""

COMMON = {
    "en": "the and is are was were have has had this that these those with from your you would could should not but what when which there their "
    "will can been our about they please thanks thank hello i'm don't can't it's my of for how any",
    "de": "der die das und ist nicht ich sie wir mit ein eine einen einem einer auf für von dem den des auch aber wenn dass noch nach bei wie kann "
    "bitte danke habe haben wird werden mein meine ihre ihr mir uns keine hallo freundlichen grüßen zum zur im",
    "fr": "le la les des est une dans pour que qui pas sur avec je vous nous mon votre vos notre mais sont ont été être au aux ce cette bonjour merci "
    "depuis j'ai c'est n'est plus comme bien cordialement et du mes",
    "es": "el los las una que por para con del está pero como más muy mi su sus yo usted ustedes nos hola gracias saludos tengo puedo desde cuando "
    "también porque ya sin sobre este esta hay buenos días y no se",
    "pt": "os as um uma que não para com por mais mas como dos das no na nos nas está meu minha você vocês obrigado obrigada olá bom dia tenho posso "
    "quando também porque já sem sobre este esta são ao pela pelo fazer em e",
    "it": "il lo gli che di per con non una sono è del della dei delle nel nella alla mio mia ho grazie buongiorno ciao salve saluti quando anche "
    "perché come più questo questa posso vorrei cordiali ma e si",
    "nl": "de het een en van ik niet dat die voor met op te zijn er maar ook mijn wij jullie heb hebben kan kunt wordt graag bedankt groeten hallo "
    "naar bij nog geen wat hoe deze dit onze u als is",
    "pl": "nie jest się na do że jak ale dla od po czy mam mogę proszę dziękuję dzień dobry pozdrawiam mój moje przez oraz być tym tego już tylko "
    "jestem witam w z i",
    "sv": "och att det är inte jag på för med som en ett av till den har om kan vi ni min mitt mina hej tack när från eller hälsningar men också "
    "vill skulle måste",
    "da": "og at det er ikke jeg på for med som en et af til den har om kan vi min mit mine hej tak når fra eller hilsen men også vil skulle der "
    "hvordan venlig af hvad mig sig noget blevet nu ind efter været gør ud kun mange dag",
    "no": "og at det er ikke jeg på for med som en et av til den har om kan vi min mitt mine hei takk når fra eller hilsen men også vil skulle "
    "hvordan vennlig dere noe av hva meg seg blitt nå inn etter vært gjør ut bare mange dag",
    "fi": "en ole pääse voida mutta ja on ei että se en mutta kun olen minun teidän kanssa myös jos tai niin kuin voi olisi hei kiitos terveisin ovat oli tämä mitä miten "
    "sekä vielä ole",
    "cs": "je se na že to jsem ale jak pro za od po by mám můj moje prosím děkuji dobrý den pozdravem není jsme také nebo když už který která být "
    "mi s v a",
    "tr": "ve bir bu için ile ama çok da de ben siz değil var yok nasıl ne olarak daha kadar gibi merhaba teşekkürler teşekkür lütfen iyi günler "
    "selamlar mı mi benim sizin",
    "ru": "и в не на что я с как это по но для мы вы у за от из мой моя все так был есть или если спасибо здравствуйте пожалуйста добрый день "
    "уважением можно нет меня вас",
    "uk": "і в не на що я з як це по але для ми ви у за від із мій моя все так був є або якщо дякую вітаю будь ласка добрий день повагою можна "
    "немає мене вас",
}
