using System.Text.RegularExpressions;

namespace Mithi.Helpdesk.Mail;

/// <summary>Where a signature begins.</summary>
internal static partial class Signature
{
    private const int LineCharsMax = 120;
    private const int WordsMax = 10;

    /// <summary>Two dashes, with the blank that most programs lose (RFC 3676, section 4.3), or the one long dash that others make of them.</summary>
    public static bool IsDelimiter(string line) => line.Trim() is "--" or "—" or "–" or "――" or "——";

    /// <summary>"Sent from my iPhone": a line that a device or a mail program adds, in whichever language it speaks.</summary>
    public static bool IsDevices(string line)
    {
        if (line.Length > LineCharsMax * 2) return false;
        var text = Link().Replace(line, "").Trim(' ', '\t', '*', '_', '.', '[', ']', '(', ')', '\u00a0', '\u200e', '\u200f');
        // Somebody who writes a sentence about where he sends from uses commas, and goes on.
        return text.Length is > 0 and <= LineCharsMax && !text.AsSpan().ContainsAny(',', '?', '!') && text.Count(c => c == ' ') < WordsMax && Devices().IsMatch(text);
    }

    /// <summary>"-Asha": a dash and a name.</summary>
    public static bool IsName(string line) => line.Length <= 60 && Name().IsMatch(line.TrimEnd());

    [GeneratedRegex(@"<[^<>]*>|\(?https?://\S+", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Link();

    [GeneratedRegex(@"^-\p{Lu}[\p{L}.'’]*( \p{Lu}[\p{L}.'’]*){0,3}$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Name();

    [GeneratedRegex(@"^(
          sent\ (from|via|with|using|by|through)\ \S.*
        | (get|download)\ outlook\ for\ \S.* | sent\ on\ the\ go\b.*
        | (envoyé|envoyée?|message\ envoyé)\ (de|depuis|à\ partir|avec|via|du|par)\b.* | télécharge[rz]\ outlook\ .* | obtenir\ outlook\ .* | provenance\ :.*
        | (gesendet|verschickt|geschickt)\ (von|mit|aus|über|via)\ .* | von\ mein.*\ gesendet | diese\ nachricht\ wurde\ .*\ gesendet | (holen|laden)\ .*outlook.* | outlook\ für\ .*
        | (enviado|enviada|mensaje\ enviado)\ (desde|de|do|da|a\ partir|con|com|pelo|via|mediante)\b.* | (obtener|obtén|descargar|obter|obtenha|baixar)\ (o\ )?outlook\ .*
        | (inviato|inviata|spedito)\ (da|dal|dall.|con|tramite|via)\b?.* | (scarica|ottieni)\ outlook\ .*
        | (verzonden|verstuurd|verstuurt)\ (vanaf|van|met|via|vanuit)\ .* | outlook\ voor\ .* | download\ outlook\ .*
        | (skickat|skickades|sänt)\ (från|med|via)\ .* | hämta\ outlook\ .*
        | (sendt|send)\ (fra|med|via)\ .* | (hent|skaff|få)\ outlook\ .*
        | lähetetty\ .* | hanki\ outlook\ .*
        | (wysłane|wysłano|wiadomość\ wysłana)\ (z|ze|za)\ .* | pobierz\ (aplikację\ )?outlook.*
        | (odesláno|odosláno|odoslané|poslané|posláno)\ (z|ze|zo|pomocí|pomocou)\ .* | získat\ outlook\ .*
        | (küldve|elküldve|elküldve:?)\ .* | .*(omról|emről|omból|emből|-?ról|-?ről)\ küldve | az?\ outlook\ .*beszerzése
        | trimis\ (de\ pe|din|de\ la|cu)\ .* | descărcați\ outlook\ .*
        | (отправлено|отправлен|послано)\ (с|из|от|через)\ .* | (надіслано|відправлено)\ (з|із|через)\ .* | скачать\ outlook\ .*
        | .*\S['’]?\S*\ gönderildi | .*outlook.*\ edinin | .*outlook.*\ indirin
        | (đã\ )?(được\ )?gửi\ (từ|bằng|qua)\ .* | tải\ outlook\ .*
        | (dikirim|terkirim)\ dari\ .* | (poslano|послато)\ (s|sa|iz|са)\ .* | στάλθηκε\ από\ .* | εστάλη\ από\ .*
        | (נשלח|נשלחה)\ (מ|באמצעות).* | (أُ?رسل|أُ?رسلت|تم\ الإرسال|مرسل|مُرسل)\S*\ (من|بواسطة)\ .*
        | (发自|發自|来自|從我的|寄自).* | .*(の)?.*(から送信|より送信)(されました)? | .*에서\ (보냄|보낸\ 메일|발송) | .*(से\ भेजा\ गया|से\ भेजी\ गई)
        | yahoo\ mail.*:.*
        )$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace | RegexOptions.NonBacktracking)]
    private static partial Regex Devices();
}
