using Xunit;

namespace Mithi.Wiki.Tests;

/// <summary>A page of numbered steps, read as what an engineer hands over.</summary>
public sealed class RunbookTests
{
    [Fact]
    public void Each_item_of_a_numbered_list_is_a_step_and_its_code_is_the_command()
    {
        var steps = Runbooks.Steps("""
            # Title

            Before.

            1. Look at the **disk** and [tell us](x.md).

               ```
               df -h
               du -s /
               ```

               What it means.
            2. Wait.

            - no step

            Between.

            1. Again <b>with</b> `code`.
               1. nested is no step of its own
            """);
        Assert.Equal([1, 2, 3], steps.Select(s => s.Number));
        Assert.Equal("Look at the disk and tell us.\nWhat it means.", steps[0].Text);
        Assert.Equal("df -h\ndu -s /", steps[0].Command.Replace("\r", "", StringComparison.Ordinal));
        Assert.Equal(("Wait.", ""), (steps[1].Text, steps[1].Command));
        Assert.StartsWith("Again", steps[2].Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("No list.")]
    [InlineData("- a\n- b")]
    [InlineData("```\n1. in code\n```")]
    public void A_page_without_numbered_items_has_no_steps(string markdown) => Assert.Empty(Runbooks.Steps(markdown));

    [Fact]
    public void A_page_nested_past_every_bound_has_no_steps_and_does_no_harm()
        => Assert.True(Runbooks.Steps(new string('>', 20_000) + " 1. deep").Count == 0);
}
