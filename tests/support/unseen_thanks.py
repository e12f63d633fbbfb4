"""Replies to a resolution, written before anybody looked at what the phrases know: how far they reach beyond their own examples.

By language: what confirms, and what must open the request again. A slash between blanks is a line end.
"""

# fmt: off
CONFIRMING = {
    "en": ("Brilliant, that did the trick, cheers!", "Hi there, / just tested it and everything is fine again. / Thanks for sorting this out so quickly! / Tom", "thx, all sorted :-)", "Many thanks for your patience and support.", "Yes, solved. Thank you. / Sent from my iPhone"),
    "de": ("Läuft wieder, tausend Dank!", "Moin, / hab's gerade getestet, passt alles. / Danke euch! / Gruß / Jens", "Danke für die prompte Erledigung.", "Top Service, besten Dank!", "Ja, ist gelöst. Danke und schönes Wochenende! / Von meinem iPhone gesendet"),
    "fr": ("C'est bon pour moi, un grand merci !", "Bonjour, / je viens de tester et tout est rentré dans l'ordre. / Merci pour votre réactivité. / Bien à vous, / Luc", "Super, ça remarche, merci bcp", "Je vous remercie pour votre aide précieuse.", "Oui, c'est résolu. Bonne journée !"),
    "es": ("Genial, ya va todo bien, ¡mil gracias!", "Buenas tardes, / acabo de probarlo y funciona perfectamente. / Un saludo, / Marta", "Solucionado, muy amables", "Le agradezco mucho su ayuda.", "Sí, resuelto. Gracias y buen fin de semana."),
    "it": ("Ottimo, ora va tutto bene, grazie mille!", "Buonasera, / ho appena provato e funziona. / Grazie per la disponibilità. / Cordialmente, / Paolo", "Risolto, siete stati gentilissimi", "La ringrazio per l'aiuto.", "Sì, risolto. Buona giornata!"),
    "pt": ("Ótimo, já está a funcionar, muito obrigado!", "Boa tarde, / acabei de testar e está tudo bem. / Obrigada pela rapidez. / Cumprimentos, / Sofia", "Resolvido, valeu!", "Agradeço a vossa ajuda.", "Sim, resolvido. Bom fim de semana!"),
    "nl": ("Top, het doet het weer, dankjewel!", "Goedemiddag, / net getest en alles werkt weer. / Bedankt voor de snelle reactie. / Groetjes, / Sanne", "Fijn, opgelost!", "Heel erg bedankt voor uw hulp.", "Ja, opgelost. Fijn weekend!"),
    "pl": ("Super, wszystko już działa, wielkie dzięki!", "Witam, / właśnie sprawdziłem i jest w porządku. / Dziękuję za szybką pomoc. / Pozdrawiam, / Marek", "Rozwiązane, dzięki", "Serdecznie dziękuję za pomoc.", "Tak, rozwiązane. Miłego dnia!"),
    "ru": ("Супер, всё заработало, большое спасибо!", "Добрый день, / проверил, всё в порядке. / Спасибо за оперативность. / С уважением, / Игорь", "Решено, спасибо", "Благодарю вас за помощь.", "Да, решено. Хорошего дня!"),
    "sv": ("Perfekt, nu funkar allt igen, tack!", "Hej, / har precis testat och det fungerar. / Tack för snabb hjälp. / Mvh, / Lars", "Löst, stort tack", "Tusen tack för er hjälp.", "Ja, det är löst. Trevlig helg!"),
    "da": ("Super, det virker igen, tusind tak!", "Hej, / jeg har lige testet, og alt er i orden. / Tak for den hurtige hjælp. / Mvh / Mette", "Løst, mange tak", "Tak for jeres hjælp.", "Ja, det er løst. God weekend!"),
    "no": ("Topp, nå virker alt igjen, takk!", "Hei, / har nettopp testet og alt er i orden. / Takk for rask hjelp. / Mvh / Lars", "Løst, mange takk", "Takk for hjelpen deres.", "Ja, det er løst. God helg!"),
    "fi": ("Loistavaa, nyt kaikki toimii taas, kiitos!", "Hei, / testasin juuri ja kaikki on kunnossa. / Kiitos nopeasta vastauksesta. / Terveisin / Liisa", "Ratkaistu, suuri kiitos", "Paljon kiitoksia avustanne.", "Kyllä, ratkaistu. Hyvää viikonloppua!"),
    "cs": ("Super, už zase všechno funguje, moc díky!", "Dobrý den, / právě jsem to vyzkoušel a je to v pořádku. / Děkuji za rychlou pomoc. / S pozdravem / Petr", "Vyřešeno, děkuji", "Mnohokrát děkuji za vaši pomoc.", "Ano, vyřešeno. Hezký den!"),
    "tr": ("Süper, her şey yine çalışıyor, çok teşekkürler!", "İyi günler, / az önce denedim, sorun yok. / Hızlı desteğiniz için teşekkürler. / Saygılarımla, / Ayşe", "Çözüldü, sağ olun", "Yardımlarınız için çok teşekkür ederim.", "Evet, çözüldü. İyi günler!"),
    "zh": ("太棒了，已经恢复正常，谢谢！", "您好， / 刚刚试过了，一切正常。 / 谢谢您的快速回复。 / 王伟", "已解决，多谢", "非常感谢您的帮助。", "是的，解决了。祝您周末愉快！"),
    "ja": ("無事に動きました。ありがとうございます！", "お世話になっております。 / 先ほど確認し、問題なく動作しております。 / 迅速なご対応に感謝いたします。 / 田中", "解決しました、助かりました", "ご対応いただきありがとうございました。", "はい、解決しました。よろしくお願いいたします。"),
    "ko": ("이제 정상적으로 작동합니다. 정말 감사합니다!", "안녕하세요, / 방금 확인했는데 잘 됩니다. / 빠른 답변 감사드립니다. / 김민수 드림", "해결됐어요, 고맙습니다", "도움 주셔서 진심으로 감사드립니다.", "네, 해결되었습니다. 좋은 하루 되세요!"),
}
OPEN = {
    "en": ("Thanks, though the scanner is acting up now.", "Cheers, will give it a go on Monday and let you know.", "Great that you care, yet the page stays blank", "Thank you, kindly send me the receipt as well."),
    "de": ("Danke, aber jetzt spinnt der Scanner.", "Vielen Dank, ich teste das Montag und melde mich.", "Schön, dass Sie sich kümmern, die Seite bleibt trotzdem leer", "Danke, schicken Sie mir noch den Beleg."),
    "fr": ("Merci, par contre le scanner déraille maintenant.", "Merci, je teste lundi et je vous tiens au courant.", "C'est gentil mais la page reste blanche", "Merci de m'envoyer aussi le reçu."),
    "es": ("Gracias, aunque ahora falla el escáner.", "Gracias, lo pruebo el lunes y les cuento.", "Muy amables, pero la página sigue en blanco", "Gracias, envíenme también el recibo."),
    "it": ("Grazie, però adesso lo scanner fa i capricci.", "Grazie, lo provo lunedì e vi faccio sapere.", "Siete gentili ma la pagina resta bianca", "Grazie, mandatemi anche la ricevuta."),
    "pt": ("Obrigado, mas agora o scanner está com problemas.", "Obrigada, vou testar na segunda e digo alguma coisa.", "São simpáticos, porém a página continua em branco", "Obrigado, enviem-me também o recibo."),
    "nl": ("Bedankt, maar nu doet de scanner raar.", "Dank, ik probeer het maandag en laat het weten.", "Aardig van jullie, toch blijft de pagina leeg", "Bedankt, stuur me ook nog het bonnetje."),
    "pl": ("Dzięki, ale teraz skaner wariuje.", "Dziękuję, sprawdzę w poniedziałek i dam znać.", "Miło, jednak strona nadal jest pusta", "Dziękuję, proszę jeszcze przesłać rachunek."),
    "ru": ("Спасибо, но теперь барахлит сканер.", "Спасибо, проверю в понедельник и сообщу.", "Приятно, однако страница по-прежнему пустая", "Спасибо, пришлите ещё чек."),
    "sv": ("Tack, men nu krånglar skannern.", "Tack, jag testar på måndag och hör av mig.", "Snällt, ändå är sidan tom", "Tack, skicka gärna kvittot också."),
    "da": ("Tak, men nu driller scanneren.", "Tak, jeg prøver det mandag og vender tilbage.", "Venligt, alligevel er siden tom", "Tak, send mig også kvitteringen."),
    "no": ("Takk, men nå tuller skanneren.", "Takk, jeg prøver på mandag og gir beskjed.", "Hyggelig, likevel er siden tom", "Takk, send meg kvitteringen også."),
    "fi": ("Kiitos, mutta nyt skanneri temppuilee.", "Kiitos, kokeilen maanantaina ja ilmoitan.", "Mukavaa, silti sivu on tyhjä", "Kiitos, lähettäkää vielä kuitti."),
    "cs": ("Díky, ale teď zlobí skener.", "Děkuji, v pondělí to zkusím a dám vědět.", "Milé, přesto je stránka prázdná", "Děkuji, pošlete mi ještě účtenku."),
    "tr": ("Teşekkürler ama şimdi tarayıcı bozuk.", "Teşekkürler, pazartesi deneyip haber veririm.", "Çok naziksiniz, yine de sayfa boş", "Teşekkürler, fişi de gönderin."),
    "zh": ("谢谢，但是现在扫描仪出问题了。", "谢谢，我周一试试再告诉您。", "您很热心，可是页面还是空白", "谢谢，请把收据也发给我。"),
    "ja": ("ありがとうございます。ただ、今度はスキャナーの調子が悪いです。", "ありがとうございます。月曜日に試してご連絡します。", "ご親切にどうも。でもページは真っ白のままです", "ありがとうございます。領収書も送ってください。"),
    "ko": ("감사합니다만 이제 스캐너가 이상합니다.", "감사합니다. 월요일에 해 보고 알려 드릴게요.", "친절하시네요, 그래도 페이지가 비어 있어요", "감사합니다. 영수증도 보내 주세요."),
}
# fmt: on
