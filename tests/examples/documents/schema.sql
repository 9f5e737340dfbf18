CREATE TABLE documents (
    id VARCHAR(64) NOT NULL,
    kind VARCHAR(20) NOT NULL,
    parent VARCHAR(64) NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (id, kind, parent)
);
CREATE TABLE grants (object VARCHAR(80) NOT NULL, right VARCHAR(20) NOT NULL, PRIMARY KEY (object, right));
