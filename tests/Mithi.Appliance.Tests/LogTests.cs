using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Mithi.Testing;
using Xunit;

namespace Mithi.Appliance.Tests;

/// <summary>What is written to the log when something goes wrong.</summary>
public sealed class LogTests
{
    [Theory]
    [InlineData("/first-run/SECRETSECRETSECRETSECRETSECRETSECRETSECRETS")]
    [InlineData("/invitation/SECRETSECRETSECRETSECRETSECRETSECRETSECRETS")]
    [InlineData("/new-password/SECRETSECRETSECRETSECRETSECRETSECRETSECRETS")]
    public async Task A_one_time_address_that_fails_is_not_in_it(string address)
    {
        var log = new Lines();
        await using var house = await TestAppliance.StartAsync(replace: services => services.AddSingleton<ILoggerProvider>(log));
        // Without its tables nothing works any more, whatever is asked.
        await house.Db.WriteAsync(async tx =>
        {
            await tx.ExecuteAsync("alter table one_time_link rename to gone");
            await tx.ExecuteAsync("alter table person rename to gone_too");
        }, CancellationToken.None);
        using var browser = house.Browser();
        using var answer = await browser.GetAsync(address);
        Assert.Equal(500, (int)answer.StatusCode);
        Assert.Contains(log.All, l => l.Contains("GET", StringComparison.Ordinal) && l.Contains("/{secret} failed", StringComparison.Ordinal));
        Assert.DoesNotContain(log.All, l => l.Contains("SECRETSECRET", StringComparison.Ordinal));
    }

    private sealed class Lines : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> All { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            => All.Enqueue(formatter(state, exception) + exception);

        public void Dispose() { }
    }
}
