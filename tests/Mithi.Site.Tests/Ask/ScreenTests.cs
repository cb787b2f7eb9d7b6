using System.Text.RegularExpressions;
using Mithi.Site.Ask;
using Mithi.Site.Plan;
using Xunit;

namespace Mithi.Site.Tests.Ask;

public sealed partial class ScreenTests
{
    private static readonly ScreenState Calm = new("Mithi Mail", "+91 20 5550 1234") { Stage = Stage.WriteOs, Fraction = 0.5, Event = "WRITE_OS began" };

    [Fact]
    public void The_screen_says_what_where_and_whom_to_call()
        => Assert.Equal(
            """
            Mithi installs Mithi Mail
            ==============================================================================
            Step 5 of 8: Installing the system
            [###########################.....................]  0:02:05

            Support: +91 20 5550 1234
            Last: WRITE_OS began
            Please do not switch the machine off.
            """, (Calm with { Elapsed = TimeSpan.FromSeconds(125) }).Render());

    [Fact]
    public void The_code_stands_in_large_letters_and_in_words()
    {
        var screen = (Calm with { Stage = Stage.Pair, Code = ("7KQX-M2ZD", "seven, Kilo, Quebec, X-ray, Mike, two, Zulu, Delta") }).Render();

        Assert.Contains(
            """
            #####   #   #    ###    #   #           #   #   ####    #####   ####
                #   #  #    #   #    # #            ## ##       #      #    #   #
               #    ###     # # #     #     ###     # # #    ###      #     #   #
              #     #  #    #  #     # #            #   #   #        #      #   #
              #     #   #    ## #   #   #           #   #   #####   #####   ####
            """, screen, StringComparison.Ordinal);
        Assert.Contains("Code 7KQX-M2ZD\nseven, Kilo, Quebec, X-ray, Mike, two, Zulu, Delta", screen, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_letter_of_a_code_has_a_shape_of_its_own()
    {
        var shapes = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".Select(letter => string.Join('\n', BlockLetters.Write($"{letter}"))).ToList();

        Assert.Equal(32, shapes.Distinct().Count());
        Assert.All(shapes, shape => Assert.Contains('#', shape));
    }

    [Fact]
    public void A_fault_shows_its_code_how_to_say_it_and_what_to_do()
    {
        var screen = (Calm with { Fault = Faults.NoLease }).Render();

        Assert.Contains("*** NET-02   (say: \"network two\") ***", screen, StringComparison.Ordinal);
        Assert.Contains("The network gives this machine no address.", screen, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_that_comes_from_outside_moves_the_cursor_or_outgrows_the_screen()
    {
        var screen = (Calm with { Event = "\u001b[2J\r\nपुणे " + new string('x', 500), Question = new string('q', 5_000) }).Render();

        Assert.DoesNotContain('\u001b', screen);
        Assert.DoesNotContain('\r', screen);
        Assert.All(screen.Split('\n'), line => Assert.True(line.Length <= Limits.ScreenColumns));
        Assert.True(screen.Split('\n').Length <= Limits.ScreenLines);
    }

    [Fact]
    public void Every_stage_has_its_place_among_the_eight_steps()
    {
        var numbers = Enum.GetValues<Stage>().Select(stage => stage.ForOperator().Number).ToList();

        Assert.Equal(Enumerable.Range(1, 8), numbers.Distinct());
        Assert.Equal(numbers.Order(), numbers);
    }

    [Fact]
    public void Every_fault_code_is_unique_spoken_and_in_the_manual()
    {
        var manual = File.ReadAllText(Path.Join(Repository.Root, "wiki-content/reference/fault-codes.md"));

        Assert.Equal(Faults.All.Count, Faults.All.Select(fault => fault.Id).Distinct().Count());
        Assert.Equal(Faults.All.Count, Faults.All.Select(fault => fault.Spoken).Distinct().Count());
        Assert.All(Faults.All, fault => Assert.Matches(Code(), fault.Id));
        Assert.All(Faults.All, fault => Assert.Contains($"| {fault.Id} | {fault.Spoken} | {fault.Operator} | {fault.Engineer} |", manual, StringComparison.Ordinal));
    }

    [GeneratedRegex("^[A-Z]{2,4}-[0-9]{2}$")]
    private static partial Regex Code();
}
