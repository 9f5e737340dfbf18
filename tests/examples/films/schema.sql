CREATE TABLE directors (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  birth_year INTEGER,
  created_at TIMESTAMP NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now'))
);
CREATE TABLE films (
  id INTEGER PRIMARY KEY,
  title TEXT NOT NULL,
  director_id INTEGER NOT NULL REFERENCES directors (id),
  year INTEGER NOT NULL CHECK (year >= 1888),
  rating NUMERIC(3, 1),
  language TEXT NOT NULL DEFAULT 'en',
  metadata JSON,
  created_at TIMESTAMP NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now')),
  updated_at TIMESTAMP NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now'))
);
CREATE TABLE competitions (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  year INTEGER NOT NULL
);
CREATE TABLE nominations (
  film_id INTEGER NOT NULL REFERENCES films (id) ON DELETE CASCADE,
  competition_id INTEGER NOT NULL REFERENCES competitions (id) ON DELETE CASCADE,
  rank INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (film_id, competition_id)
);
CREATE TABLE reviews (
  id INTEGER PRIMARY KEY,
  film_id INTEGER NOT NULL REFERENCES films (id) ON DELETE CASCADE,
  author TEXT NOT NULL,
  stars INTEGER NOT NULL CHECK (stars BETWEEN 1 AND 5),
  body TEXT NOT NULL,
  created_at TIMESTAMP NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now'))
);
CREATE TABLE change_log (
  id INTEGER PRIMARY KEY,
  table_name TEXT NOT NULL,
  operation TEXT NOT NULL,
  role TEXT NOT NULL,
  at TIMESTAMP NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now'))
);
CREATE VIEW film_summaries AS SELECT id, title, year FROM films;
INSERT INTO directors (id, name, birth_year) VALUES (1, 'Agnès Varda', 1928);
INSERT INTO films (id, title, director_id, year, rating) VALUES (1, 'Cléo from 5 to 7', 1, 1962, 7.9);
INSERT INTO competitions (id, name, year) VALUES (1, 'Cannes', 1962);
