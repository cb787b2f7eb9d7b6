using System.Text;

namespace Mithi.Site.Ask;

/// <summary>The code in letters that can be read across a room: five by five, doubled in width.</summary>
internal static class BlockLetters
{
    public const int Lines = 5;

    // Crockford's base32 and a hyphen; each row of five cells, from above.
    private static readonly Dictionary<char, string> Shapes = new()
    {
        ['0'] = " ### #   ##   ##   # ### ", ['1'] = "  #   ##    #    #   ### ", ['2'] = "####     # ### #    #####",
        ['3'] = "####     # ###     ##### ", ['4'] = "#   ##   ######    #    #", ['5'] = "######    ####     ##### ",
        ['6'] = " ### #    #### #   # ### ", ['7'] = "#####    #   #   #    #  ", ['8'] = " ### #   # ### #   # ### ",
        ['9'] = " ### #   # ####    # ### ", ['A'] = " ### #   #######   ##   #", ['B'] = "#### #   ##### #   ##### ",
        ['C'] = " #####    #    #     ####", ['D'] = "#### #   ##   ##   ##### ", ['E'] = "######    #### #    #####",
        ['F'] = "######    #### #    #    ", ['G'] = " #####    #  ###   # ####", ['H'] = "#   ##   #######   ##   #",
        ['J'] = "    #    #    ##   # ### ", ['K'] = "#   ##  # ###  #  # #   #", ['M'] = "#   ### ### # ##   ##   #",
        ['N'] = "#   ###  ## # ##  ###   #", ['P'] = "#### #   ##### #    #    ", ['Q'] = " ### #   ## # ##  #  ## #",
        ['R'] = "#### #   ##### #  # #   #", ['S'] = " #####     ###     ##### ", ['T'] = "#####  #    #    #    #  ",
        ['V'] = "#   ##   ##   # # #   #  ", ['W'] = "#   ##   ## # ### ###   #", ['X'] = "#   # # #   #   # # #   #",
        ['Y'] = "#   # # #   #    #    #  ", ['Z'] = "#####   #   #   #   #####", ['-'] = "          ###            ",
    };

    public static IEnumerable<string> Write(string code)
    {
        for (var line = 0; line < Lines; line++)
        {
            var row = new StringBuilder();
            foreach (var letter in code)
                row.Append(Shapes.TryGetValue(letter, out var shape) ? shape.Substring(line * 5, 5) : "     ").Append("   ");
            yield return row.ToString().TrimEnd();
        }
    }
}
