using System.Collections.Frozen;

namespace Mithi.Helpdesk.Mail;

/// <summary>What a line in the head of a mail tells.</summary>
internal enum MailLabel { From, When, To, Subject, Other }

/// <summary>The labels that mail programs write above a forwarded or answered mail, in the languages that they speak.</summary>
internal static class MailLabels
{
    private static readonly FrozenDictionary<string, MailLabel> Labels = new (MailLabel Label, string Words)[]
    {
        (MailLabel.From, "from|von|absender|de|expéditeur|remitente|remetente|da|mittente|van|afzender|från|avsändare|fra|avsender|afsender|lähettäjä|od|nadawca|odesílatel|odosielateľ|pošiljatelj|feladó|küldő|expeditor|de la|от|отправитель|від|від кого|от кого|kimden|gönderen|từ|người gửi|dari|από|saatja|no|nuo|发件人|寄件者|寄件人|差出人|送信者|送信元|보낸 사람|보낸사람|보낸이|מאת|من|प्रेषक"),
        (MailLabel.When, "sent|date|gesendet|datum|gesendet am|envoyé|envoyé le|date d'envoi|enviado|enviado el|enviado em|enviada em|enviada|fecha|data|inviato|inviato il|data invio|verzonden|datum verzonden|skickat|sendt|dato|lähetetty|päiväys|päivämäärä|wysłano|wysłane|data wysłania|odesláno|odoslané|poslano|dátum|elküldve|küldve|trimis|data trimiterii|отправлено|дата|дата отправки|надіслано|gönderildi|gönderilme tarihi|gönderme tarihi|tarih|đã gửi|ngày|ngày gửi|dikirim|tanggal|ημερομηνία|στάλθηκε|发送时间|发送日期|日期|时间|寄件日期|傳送日期|送信日時|日付|日時|보낸 날짜|날짜|보낸날짜|보낸시간|נשלח|תאריך|تاريخ الإرسال|التاريخ|تاريخ|भेजा गया|दिनांक|तारीख"),
        (MailLabel.To, "to|an|empfänger|à|a|destinataire|para|destinatario|destinatário|aan|till|til|do|komu|adresat|pro|vastaanottaja|címzett|către|destinatar|кому|получатель|kime|alıcı|kepada|προς|đến|tới|người nhận|收件人|收件者|宛先|받는 사람|받는사람|받는이|אל|إلى|प्रति|प्राप्तकर्ता"),
        (MailLabel.Subject, "subject|betreff|objet|sujet|asunto|assunto|oggetto|onderwerp|ämne|emne|aihe|temat|předmět|predmet|tárgy|subiect|тема|konu|chủ đề|tiêu đề|subjek|perihal|θέμα|主题|主題|主旨|件名|제목|נושא|الموضوع|موضوع|विषय"),
        (MailLabel.Other, "cc|cc:|bcc|kopie|kopia|copie|copia|cópia|másolat|копия|副本|抄送|참조|reply-to|antwort an|répondre à|responder a|risposta|rispondi a|antwoord aan|svar til|reply to|importance|priority|attachments|anlagen|organization|organisation"),
    }.SelectMany(r => r.Words.Split('|').Select(w => (Word: w, r.Label))).DistinctBy(p => p.Word).ToFrozenDictionary(p => p.Word, p => p.Label);

    /// <param name="label">In small letters, without its colon.</param>
    /// <returns>Null for what no mail's head says.</returns>
    public static MailLabel? RoleOf(string label) => Labels.TryGetValue(label, out var role) ? role : null;
}
