# Sourced once, when the primary's data folder is made: the account that the replica reads with.
docker_process_sql <<SQL
CREATE USER 'replicator'@'%' IDENTIFIED BY '${REPLICATION_PASSWORD}' REQUIRE SSL;
GRANT REPLICATION SLAVE ON *.* TO 'replicator'@'%';
SQL
