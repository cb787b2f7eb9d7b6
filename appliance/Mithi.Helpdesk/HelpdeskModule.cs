using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Mithi.Helpdesk.Batches;
using Mithi.Helpdesk.Canned;
using Mithi.Helpdesk.Chat;
using Mithi.Helpdesk.Development;
using Mithi.Helpdesk.Drafts;
using Mithi.Helpdesk.Effort;
using Mithi.Helpdesk.Fixes;
using Mithi.Helpdesk.Hotline;
using Mithi.Helpdesk.Import;
using Mithi.Helpdesk.Joins;
using Mithi.Helpdesk.Keys;
using Mithi.Helpdesk.Levels;
using Mithi.Helpdesk.Macros;
using Mithi.Helpdesk.Mail;
using Mithi.Helpdesk.Presence;
using Mithi.Helpdesk.Ratings;
using Mithi.Helpdesk.Reports;
using Mithi.Helpdesk.Sla;
using Mithi.Helpdesk.Tickets;
using Mithi.Helpdesk.Views;
using Mithi.Helpdesk.Webhooks;
using Mithi.Kernel;
using Mithi.Kernel.Audit;
using Mithi.Kernel.Blobs;
using Mithi.Kernel.Data;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.Links;
using Mithi.Kernel.People;
using Mithi.Kernel.Search;
using Mithi.Kernel.Settings;

namespace Mithi.Helpdesk;

/// <summary>Tickets, the promises about them, and the mail that they are made of.</summary>
public sealed class HelpdeskModule : IModule
{
    public HelpdeskModule() => RowMapping.AddId<TicketId>();

    /// <inheritdoc/>
    public IReadOnlyList<MenuEntry> Menu { get; } =
    [
        new("Tickets", "/tickets", Permission.TicketRead, "Ask for help, and see how it goes on."),
        new("Reports", "/reports", Permission.ReportRead, "How promises were kept, what is open, and what customers say."),
        new("Product development", "/development", Permission.TicketWork, "What support gave to development, and how it stands."),
        new("Hotline", "/hotline", Permission.TicketWork, "Find who is calling, and write the call down."),
        new("Calendars", "/helpdesk/calendars", Permission.HelpdeskManage, "When work is promised, and how soon."),
        new("Incoming mail", "/helpdesk/mail", Permission.HelpdeskManage, "What was made of each mail, and whether the mailbox can be read."),
    ];

    /// <inheritdoc/>
    public void AddServices(IServiceCollection services)
    {
        services.AddSingleton<ContractStore>().AddSingleton<ClockStore>().AddSingleton<FactStore>().AddSingleton<ReportStore>().AddSingleton<IPromiseCount, PromiseCount>().AddSingleton<SliceWords>().AddSingleton<TicketFeed>().AddSingleton<TicketLog>();
        services.AddSingleton(s => new TicketImport(s.GetRequiredService<Db>(), s.GetRequiredService<TicketLog>(), s.GetRequiredService<BlobStore>(), s.GetRequiredService<TimeProvider>()));
        services.AddSingleton<TicketHooks>();
        foreach (var kind in TicketHooks.Kinds) services.AddSingleton(kind);
        services.AddSingleton<IChainedLog>(s => s.GetRequiredService<TicketLog>());
        services.AddSingleton<TicketStore>().AddSingleton<TicketDesk>().AddSingleton<TicketView>().AddSingleton<ConversationView>();
        services.AddSingleton<DraftStore>().AddSingleton<TicketPresence>();
        services.AddSingleton<AnswerStore>().AddSingleton<MacroStore>().AddSingleton<TicketRun>().AddSingleton<KeyStore>().AddSingleton<BatchStore>().AddSingleton<TicketListView>().AddSingleton<ViewStore>().AddSingleton<EvidenceStore>();
        services.AddSingleton<ISearchable, TicketSearch>().AddSingleton<ILinkTarget, TicketLink>();
        services.AddSingleton<MailSpool>().AddSingleton<MailThread>().AddSingleton<IDkimKeys, DnsDkimKeys>().AddSingleton<SenderChecks>().AddSingleton<HeldMail>().AddSingleton<ArrivalStore>().AddSingleton<MailIntake>();
        services.AddSingleton<MailListener>().AddHostedService(s => s.GetRequiredService<MailListener>());
        services.AddSingleton<IOutboxHandler, IntakeSettingsChanged>().AddSingleton<IRecurringJob, SpoolJob>();
        services.AddSingleton<IOutboxHandler, AgreementHandler>().AddSingleton<IWorkingCalendars>(s => s.GetRequiredService<ContractStore>());
        services.AddSingleton<IOutboxHandler, TermsHandler>().AddSingleton<IOutboxHandler, WarnSettingsChanged>().AddSingleton<ISelfCheck, CalendarCheck>();
        services.AddSingleton<CalendarStore>().AddSingleton<WhatIf>();
        services.AddSingleton<PromiseMail>().AddSingleton<IRecurringJob, PromiseJob>().AddSettings(WarnSettings.All);
        services.AddSingleton<IOutboxHandler, FixHandler>().AddSingleton<IRecurringJob, CloseJob>().AddSingleton<IRecurringJob, ClockJob>().AddSingleton<IRecurringJob, FactJob>();
        services.AddSingleton<TicketJoins>().AddSingleton<TicketUndo>().AddSingleton<TicketEffort>();
        services.AddSingleton<GitHubDoor>().AddSingleton<IssueNews>().AddSingleton<DevelopmentDesk>().AddSettings(GitHubSettings.All);
        services.AddSingleton<IJob, SendIssueJob>().AddSingleton<IRecurringJob, PollGitHubJob>();
        services.AddSingleton<ChatRoom>().AddSingleton<ChatDesk>().AddSingleton<IRecurringJob, ChatMailJob>();
        services.AddSingleton<HotlineStore>().AddSingleton<HotlineDesk>();
        services.AddSingleton<RatingToken>().AddSingleton<RatingStore>().AddSingleton<RatingDesk>();
        services.AddSingleton<MailToken>().AddSingleton<TicketMail>().AddSettings(IntakeSettings.All);
    }

    /// <inheritdoc/>
    public void MapRoutes(IEndpointRouteBuilder routes)
    {
        TicketRoutes.Map(routes);
        DraftRoutes.Map(routes);
        PresenceRoutes.Map(routes);
        AnswerRoutes.Map(routes);
        MacroRoutes.Map(routes);
        LevelRoutes.Map(routes);
        KeyRoutes.Map(routes);
        HotlineRoutes.Map(routes);
        ChatRoutes.Map(routes);
        BatchRoutes.Map(routes);
        ViewRoutes.Map(routes);
        TicketApi.Map(routes);
        DevelopmentRoutes.Map(routes);
        EffortRoutes.Map(routes);
        JoinRoutes.Map(routes);
        JoinApi.Map(routes);
        CalendarRoutes.Map(routes);
        RatingRoutes.Map(routes);
        ReportRoutes.Map(routes);
        ArrivalRoutes.Map(routes);
        HeldMailRoutes.Map(routes);
    }
}
