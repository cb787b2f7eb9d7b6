namespace Mithi.Helpdesk.Ratings;

/// <summary>What a customer says of how his ticket was resolved. Stored by name.</summary>
public enum Rating { Good, Bad }
