"""Replies to a resolution as people write them, in eighteen languages. A slash between blanks is a line end.

CONFIRMED only says thanks or that it works; everything in STILL_OPEN asks, doubts, denies, adds or comes from a machine.
"""

CONFIRMED = {
    "en": (
        "Hi Omar, / / that did the trick, thank you! / / Best, / Sarah", "Works like a charm now. Thanks a million!", "Brilliant, thanks 🎉",
        "Hello, / all sorted. Many thanks for your help. / Kind regards, / John Smith", "Awesome, it's working again. Cheers, Tom",
        "Thank you very much for the quick response!", "It's fixed, thank you so much 😊", "Yes, it works now. Thank you!",
    ),
    "de": (
        "Hallo Herr Weber, / / jetzt klappt es wieder, vielen Dank! / / Mit freundlichen Grüßen / Petra Klein", "Top, danke! 👍",
        "Super, es funktioniert wieder. Danke für die schnelle Hilfe!", "Guten Tag, / besten Dank, das Problem ist gelöst. / Freundliche Grüße / Jens Maier",
        "Perfekt, hat funktioniert. LG Tina", "Danke, alles bestens.", "Ja, es geht wieder. Danke!", "Wunderbar, herzlichen Dank für Ihre Unterstützung!",
    ),
    "fr": (
        "Bonjour Omar, / / ça marche maintenant, merci beaucoup ! / / Bien cordialement, / Claire Martin", "Super, merci ! 👍", "Tout est rentré dans l'ordre, merci.",
        "C'est parfait, merci pour votre réactivité.", "Le problème est résolu. Merci et bonne journée !", "Merci infiniment pour votre aide.",
        "Oui, ça fonctionne. Merci !", "Génial, merci bien.",
    ),
    "es": (
        "Hola Omar, / / ya está solucionado, ¡muchas gracias! / / Un saludo, / Lucía", "¡Genial, gracias! 😊", "Todo funciona correctamente ahora. Gracias por la ayuda.",
        "Buenos días, / el problema está resuelto. Muchas gracias. / Saludos cordiales, / Pedro Ruiz", "Perfecto, mil gracias.", "Sí, ya funciona. ¡Gracias!",
        "Muchísimas gracias por su rápida respuesta.",
    ),
    "it": (
        "Ciao Omar, / / adesso funziona tutto, grazie mille! / / Un saluto, / Giulia", "Ottimo, grazie! 👍", "Il problema è risolto. Grazie per l'aiuto.",
        "Buonasera, / tutto risolto, vi ringrazio. / Distinti saluti / Marco Bianchi", "Perfetto, grazie infinite.", "Sì, ora funziona. Grazie!",
        "Grazie per la rapida risposta.",
    ),
    "pt": (
        "Olá Omar, / / já está resolvido, muito obrigada! / / Cumprimentos, / Inês", "Ótimo, obrigado! 👍", "Agora está a funcionar. Obrigado pela ajuda.",
        "Bom dia, / o problema foi resolvido. Muito obrigado. / Com os melhores cumprimentos, / Rui Costa", "Perfeito, obrigada.", "Sim, já funciona. Obrigado!",
        "Muito obrigado pela rápida resposta.",
    ),
    "nl": (
        "Hoi Omar, / / het werkt weer, hartstikke bedankt! / / Groeten, / Sanne", "Top, dank je! 👍", "Het probleem is opgelost, dank u wel.",
        "Goedemorgen, / alles werkt weer. Hartelijk dank voor uw hulp. / Met vriendelijke groeten, / Kees de Vries", "Perfect, bedankt!", "Ja, het werkt nu. Bedankt!",
        "Bedankt voor de snelle reactie.",
    ),
    "pl": (
        "Cześć Omar, / / już działa, wielkie dzięki! / / Pozdrawiam, / Kasia", "Super, dzięki! 👍", "Wszystko działa poprawnie. Dziękuję za pomoc.",
        "Dzień dobry, / problem został rozwiązany. Dziękuję bardzo. / Z poważaniem / Jan Nowak", "Świetnie, dziękuję.", "Tak, działa. Dziękuję!",
        "Dziękuję za szybką odpowiedź.",
    ),
    "ru": (
        "Добрый день, / / всё заработало, большое спасибо! / / С уважением, / Ольга", "Супер, спасибо! 👍", "Теперь всё работает. Спасибо за помощь.",
        "Здравствуйте, / проблема решена, благодарю. / С уважением, / Пётр Иванов", "Отлично, спасибо большое.", "Да, работает. Спасибо!",
        "Спасибо за быстрый ответ.",
    ),
    "sv": (
        "Hej Omar, / / nu fungerar det igen, tack så mycket! / / Hälsningar, / Karin", "Toppen, tack! 👍", "Problemet är löst. Tack för hjälpen.",
        "Hej, / allt fungerar nu. Stort tack. / Vänliga hälsningar / Erik Lund", "Perfekt, tusen tack.", "Ja, det fungerar nu. Tack!", "Tack för snabbt svar.",
    ),
    "da": (
        "Hej Omar, / / nu virker det igen, mange tak! / / Hilsen / Mette", "Super, tak! 👍", "Problemet er løst. Tak for hjælpen.",
        "Hej, / alt fungerer nu. Tusind tak. / Venlig hilsen / Lars Holm", "Perfekt, mange tak.", "Ja, det virker nu. Tak!", "Tak for det hurtige svar.",
    ),
    "no": (
        "Hei Omar, / / nå virker det igjen, tusen takk! / / Hilsen / Ingrid", "Supert, takk! 👍", "Problemet er løst. Takk for hjelpen.",
        "Hei, / alt fungerer nå. Mange takk. / Vennlig hilsen / Nils Berg", "Perfekt, takk.", "Ja, det fungerer nå. Takk!", "Takk for raskt svar.",
    ),
    "fi": (
        "Hei Omar, / / nyt se toimii taas, kiitos paljon! / / Terveisin / Liisa", "Hienoa, kiitos! 👍", "Ongelma on ratkaistu. Kiitos avusta.",
        "Hei, / kaikki toimii nyt. Suuret kiitokset. / Ystävällisin terveisin / Jari Koski", "Täydellistä, kiitos.", "Kyllä, nyt toimii. Kiitos!", "Kiitos nopeasta vastauksesta.",
    ),
    "cs": (
        "Dobrý den, / / už to funguje, moc děkuji! / / S pozdravem / Petra", "Super, díky! 👍", "Problém je vyřešen. Děkuji za pomoc.",
        "Ahoj Omare, / vše funguje, mockrát děkuji. / Hezký den / Jan Novák", "Perfektní, děkuji.", "Ano, už to funguje. Děkuji!", "Děkuji za rychlou odpověď.",
    ),
    "tr": (
        "Merhaba Omar, / / şimdi çalışıyor, çok teşekkürler! / / İyi günler, / Ayşe", "Süper, teşekkürler! 👍", "Sorun çözüldü. Yardımınız için teşekkür ederim.",
        "İyi günler, / her şey düzeldi, çok teşekkür ederim. / Saygılarımla, / Mehmet Kaya", "Mükemmel, teşekkürler.", "Evet, çalışıyor. Teşekkürler!",
        "Hızlı yanıtınız için teşekkürler.",
    ),
    "zh": (
        "您好， / 问题解决了，非常感谢！ / 祝好 / 王芳", "好的，谢谢！👍", "现在可以正常使用了，谢谢你的帮助。", "太棒了，谢谢！", "已经解决，多谢。", "可以了，谢谢。",
        "感谢您的快速回复。",
    ),
    "ja": (
        "お世話になっております。 / 無事に解決しました。ありがとうございました。 / よろしくお願いいたします。 / 田中", "直りました！ありがとうございます😊", "正常に動作しました。ありがとうございます。",
        "問題が解決しました。感謝いたします。", "ご対応いただきありがとうございました。", "はい、動きました。ありがとうございます。", "早速のご返信ありがとうございます。",
    ),
    "ko": (
        "안녕하세요, / 문제가 해결됐습니다. 정말 감사합니다! / 김민수 드림", "네, 잘 됩니다. 감사합니다 👍", "이제 정상적으로 작동합니다. 감사합니다.", "해결됐어요. 고마워요!",
        "도움 주셔서 감사합니다.", "완벽합니다, 감사합니다.", "빠른 답변 감사합니다.",
    ),
}  # fmt: skip

STILL_OPEN = {
    "en": (
        "Thanks, but it still crashes when I print.", "Thanks. Is there a way to undo this?", "Thank you, though I doubt that was it.", "Great, thanks for breaking it completely.",
        "Thanks! Could you also reset my colleague's password", "It works for now, I will report back.", "Thanks, got error 503 again", "Thanks, works, except for the mobile app.",
        "I am out of the office until Monday. Thank you for your message.", "Thanks for getting back to me. See the screenshot.", "Not sure it works yet, thanks",
    ),
    "de": (
        "Danke, aber der Fehler kommt immer noch.", "Danke, wie kann ich das rückgängig machen", "Vielen Dank, ich bin mir aber unsicher.", "Na super, vielen Dank auch, jetzt ist alles weg.",
        "Danke! Bitte noch die Rechnung schicken.", "Danke, funktioniert nur am Handy.", "Ich bin bis Montag nicht im Büro. Vielen Dank für Ihre Nachricht.", "Danke, es kommt Fehler 12",
        "Klappt leider noch immer nicht, danke trotzdem",
    ),
    "fr": (
        "Merci, mais l'erreur persiste.", "Merci, comment faire pour annuler", "Merci, j'ai un doute toutefois.", "Bravo, merci, j'ai tout perdu.", "Merci ! Pouvez-vous aussi changer mon adresse",
        "Merci, ça marche sauf sur le téléphone.", "Je suis absente jusqu'à lundi. Merci de votre message.", "Merci, erreur 404 maintenant",
    ),
    "es": (
        "Gracias, pero el error continúa.", "Gracias, cómo puedo deshacerlo", "Gracias, aunque tengo dudas.", "Estupendo, gracias, lo he perdido todo.", "¡Gracias! También necesito la factura",
        "Gracias, funciona menos en el móvil.", "Estoy fuera de la oficina hasta el lunes. Gracias por su mensaje.", "Gracias, ahora sale error 7",
    ),
    "it": (
        "Grazie, ma l'errore rimane.", "Grazie, come posso annullare", "Grazie, però ho dei dubbi.", "Bravi, grazie, ho perso tutto.", "Grazie! Mi serve anche la ricevuta",
        "Grazie, funziona tranne sul telefono.", "Sono fuori ufficio fino a lunedì. Grazie per il messaggio.", "Grazie, adesso errore 9",
    ),
    "pt": (
        "Obrigado, mas o erro continua.", "Obrigado, como posso desfazer", "Obrigada, porém tenho dúvidas.", "Ótimo, obrigado, perdi tudo.", "Obrigado! Preciso também do recibo",
        "Obrigado, funciona exceto no telemóvel.", "Estou ausente até segunda-feira. Obrigado pela mensagem.", "Obrigada, agora dá erro 3",
    ),
    "nl": (
        "Bedankt, maar de fout blijft.", "Bedankt, hoe maak ik dit ongedaan", "Dank u, toch twijfel ik.", "Fijn, bedankt, alles is weg.", "Bedankt! Graag ook de factuur sturen",
        "Dank je, werkt behalve op mijn telefoon.", "Ik ben afwezig tot maandag. Bedankt voor uw bericht.", "Bedankt, nu fout 8",
    ),
    "pl": (
        "Dziękuję, ale błąd nadal występuje.", "Dzięki, jak to cofnąć", "Dziękuję, choć mam wątpliwości.", "No super, dzięki, wszystko zniknęło.", "Dziękuję! Proszę też o fakturę",
        "Dzięki, działa oprócz telefonu.", "Jestem poza biurem do poniedziałku. Dziękuję za wiadomość.", "Dziękuję, teraz błąd 6",
    ),
    "ru": (
        "Спасибо, но ошибка осталась.", "Спасибо, как это отменить", "Спасибо, хотя есть сомнения.", "Отлично, спасибо, всё пропало.", "Спасибо! Нужен ещё счёт",
        "Спасибо, работает кроме телефона.", "Меня нет в офисе до понедельника. Спасибо за письмо.", "Спасибо, теперь ошибка 5",
    ),
    "sv": (
        "Tack, men felet kvarstår.", "Tack, hur ångrar jag det här", "Tack, jag tvivlar dock.", "Jättebra, tack, allt är borta.", "Tack! Skicka gärna fakturan också",
        "Tack, fungerar utom på mobilen.", "Jag är inte på kontoret till måndag. Tack för ditt meddelande.", "Tack, nu fel 4",
    ),
    "da": (
        "Tak, men fejlen er der stadig.", "Tak, hvordan fortryder jeg det", "Tak, jeg tvivler dog.", "Fint, tak, alt er væk.", "Tak! Send også fakturaen",
        "Tak, virker undtagen på mobilen.", "Jeg er ikke på kontoret før mandag. Tak for din besked.", "Tak, nu fejl 2",
    ),
    "no": (
        "Takk, men feilen er der fortsatt.", "Takk, hvordan angrer jeg dette", "Takk, jeg tviler likevel.", "Flott, takk, alt er borte.", "Takk! Send også fakturaen",
        "Takk, virker unntatt på mobilen.", "Jeg er ikke på kontoret før mandag. Takk for meldingen.", "Takk, nå feil 2",
    ),
    "fi": (
        "Kiitos, mutta virhe toistuu.", "Kiitos, miten perun tämän", "Kiitos, epäilen silti.", "Hienoa, kiitos, kaikki katosi.", "Kiitos! Lähettäkää myös lasku",
        "Kiitos, toimii paitsi puhelimessa.", "Olen poissa maanantaihin. Kiitos viestistäsi.", "Kiitos, nyt virhe 5",
    ),
    "cs": (
        "Děkuji, ale chyba trvá.", "Díky, jak to vrátit zpět", "Děkuji, mám však pochybnosti.", "Skvělé, díky, všechno zmizelo.", "Děkuji! Pošlete mi také fakturu",
        "Díky, funguje kromě telefonu.", "Jsem mimo kancelář do pondělí. Děkuji za zprávu.", "Děkuji, teď chyba 5",
    ),
    "tr": (
        "Teşekkürler, fakat hata sürüyor.", "Teşekkürler, bunu nasıl geri alırım", "Teşekkürler, yine de emin değilim.", "Harika, teşekkürler, her şey silindi.", "Teşekkürler! Faturayı da gönderin",
        "Teşekkürler, telefon dışında çalışıyor.", "Pazartesiye kadar ofis dışındayım. Mesajınız için teşekkürler.", "Teşekkürler, şimdi hata 5",
    ),
    "zh": (
        "谢谢，但是错误还在。", "谢谢，怎么撤销", "谢谢，不过我有疑问。", "真好，谢谢，数据全没了。", "谢谢！请再发一下发票", "谢谢，除了手机都可以了。", "我周一之前不在办公室。感谢您的来信。", "谢谢，现在报错误5",
    ),
    "ja": (
        "ありがとうございます。しかしエラーが続いています。", "ありがとうございます。元に戻す方法を教えてください", "ありがとうございますが、自信がありません。", "素晴らしい、ありがとう、全部消えました。", "ありがとうございます。請求書も送ってください",
        "ありがとうございます。スマホ以外は動きました。", "月曜日まで不在です。ご連絡ありがとうございます。", "ありがとうございます。今度はエラー5です",
    ),
    "ko": (
        "감사합니다만 오류가 계속됩니다.", "감사합니다. 어떻게 취소하나요", "감사합니다, 그런데 확실하지 않아요.", "대단하네요, 감사합니다, 다 사라졌어요.", "감사합니다! 영수증도 보내 주세요",
        "감사합니다. 휴대폰 빼고 됩니다.", "월요일까지 부재중입니다. 메시지 감사합니다.", "감사합니다. 이제 오류 5가 나와요",
    ),
}  # fmt: skip
