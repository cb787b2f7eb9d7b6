-- What each level wants to be given with a ticket. The newest row holds; none: the list that the program begins with.
create table level_evidence (
    id        {key},
    questions text  not null,               -- JSON, Levels/EvidenceList.cs
    made_at   {int} not null,
    made_by   text  not null
) {strict};
