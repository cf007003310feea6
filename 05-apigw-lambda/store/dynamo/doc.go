// Package dynamo is an app.Store in one DynamoDB table.
//
//	Table     pk (S, hash), sk (S, range), on-demand, TTL on expires
//	Index     rooms: room (S, hash), sk (S, range), keys only
//
//	item      pk               sk              other attributes
//	room      R#{room}         !               epoch head delivered holder until expires version
//	message   R#{room}         M#{cursor}      id from text at expires
//	member    R#{room}         N#{name key}    name connection secret next last joining expires version room
//	claim     C#{id}           {room}\n{from}  base digest epoch expires
//	seat      S#{connection}   {room}          name secret asked lost expires
//
//	what is asked                  how
//	a room's state                 GetItem
//	the end of a turn, a turn      PutItem if the version is this
//	messages after or before one   Query sk between two cursors: a later cursor is the greater string
//	the next message               PutItem if there is none with this cursor
//	a message's claim              PutItem if there is none of this epoch; else GetItem
//	who is in a room               Query sk begins with N#
//	a name                         PutItem if the version is this; DeleteItem if the connection is this
//	the rooms of a connection      Query pk
//	the rooms that have members    Scan of the index, which only members are in
//
// Every read but the last is consistent: that an order of two steps is kept
// is what the chat rests on. Every write is one item, most with a condition;
// there are no transactions, so each order of writes in package app is one
// that may stop in between.
//
// TTL deletes late, often a day. So what has expired counts as not there, in
// reads and in conditions. The table stays small: messages a week, all that
// belongs to a connection a little over two hours.
//
// In CloudFormation:
//
//	AttributeDefinitions:
//	  - {AttributeName: pk, AttributeType: S}
//	  - {AttributeName: sk, AttributeType: S}
//	  - {AttributeName: room, AttributeType: S}
//	KeySchema:
//	  - {AttributeName: pk, KeyType: HASH}
//	  - {AttributeName: sk, KeyType: RANGE}
//	GlobalSecondaryIndexes:
//	  - IndexName: rooms
//	    KeySchema:
//	      - {AttributeName: room, KeyType: HASH}
//	      - {AttributeName: sk, KeyType: RANGE}
//	    Projection: {ProjectionType: KEYS_ONLY}
//	BillingMode: PAY_PER_REQUEST
//	TimeToLiveSpecification: {AttributeName: expires, Enabled: true}
//
// The chat's functions need GetItem, PutItem, DeleteItem and Query on the
// table, and announce Scan on its index rooms besides.
package dynamo
