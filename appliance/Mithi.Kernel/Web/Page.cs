using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Html;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Mithi.Kernel.People;
using Mithi.Kernel.Web.Pages;
using NodaTime;
using RazorSlices;

namespace Mithi.Kernel.Web;

/// <summary>What every piece of HTML knows: its reader, his words and zone, the form token. Alone, it is a part for htmx.</summary>
/// <remarks>A handler returns the slice itself: it renders into a pooled buffer and is written once.</remarks>
public abstract class Part<TModel> : RazorSlice<TModel>, IResult
{
    private ReaderTexts? texts;

    public CurrentPerson Me => HttpContext!.Me();

    public ReaderTexts T => texts ??= HttpContext!.RequestServices.GetRequiredService<Texts>().For(Me.Language);

    /// <summary>Fields of a form: label, value, error and hint joined for eyes and for screen readers.</summary>
    public Fields Field => new(T);

    /// <summary>What to answer with; an error page sets another one.</summary>
    public virtual int Status => StatusCodes.Status200OK;

    public bool May(Permission permission) => Me.May(permission);

    /// <summary>A time in the reader's zone.</summary>
    public IHtmlContent When(Instant at) => ReaderTime.Html(at, Me.Zone, Me.Language);

    /// <summary>The hidden field that proves that a form came from this site. Every posted form has it.</summary>
    public IHtmlContent Forgery() => ForgeryField.Html(HttpContext!);

    public string Asset(string name) => HttpContext!.RequestServices.GetRequiredService<Assets>().Url(name);

    Task IResult.ExecuteAsync(HttpContext httpContext) => PageWriter.WriteAsync(this, Status, httpContext);
}

/// <summary>A whole page inside the one layout. Pages say <c>@inherits Page&lt;Model&gt;</c> and override <see cref="Title"/>.</summary>
public abstract class Page<TModel> : Part<TModel>, IUsesLayout<_Layout, Frame>
{
    /// <summary>The page's title, translated. Shown in the tab and read first by a screen reader.</summary>
    public abstract string Title { get; }

    /// <summary>Names of script modules among the assets that this page needs.</summary>
    public virtual IReadOnlyList<string> Scripts => [];

    public Frame LayoutModel => new(Title, Scripts);
}

/// <summary>What the layout needs of the page inside it.</summary>
public sealed record Frame(string Title, IReadOnlyList<string> Scripts);

internal static class ForgeryField
{
    public static IHtmlContent Html(HttpContext context)
    {
        var tokens = context.RequestServices.GetRequiredService<IAntiforgery>().GetAndStoreTokens(context);
        return new HtmlString($"""<input type="hidden" name="{tokens.FormFieldName}" value="{HtmlEncoder.Default.Encode(tokens.RequestToken!)}">""");
    }
}
