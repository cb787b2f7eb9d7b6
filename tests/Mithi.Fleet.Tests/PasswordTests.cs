using Mithi.Fleet.Sites;

namespace Mithi.Fleet.Tests;

public sealed class PasswordTests
{
    // As openssl passwd -6 -salt makes them; the first is also in the form's specification.
    [Theory]
    [InlineData("Hello world!", "saltstring", "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1")]
    [InlineData("पासवर्ड-long-long-long-long-long-long-long-long-long-long-long-long", "abcdefghijklmnop",
        "$6$abcdefghijklmnop$a1NCuJ8h9a.YhhTSPZcwdxkdsSuNkL9P6WgZCay3UDELC0PmimX4VQDs9TiDDcZJtz2BFUpUqaqoCnUvVEACJ0")]
    public void The_hash_is_that_of_crypt(string password, string salt, string expected)
        => Assert.Equal(expected, UnixPassword.Hash(password, salt));
}
