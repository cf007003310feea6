package dynamo

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"websocket.example/05-apigw-lambda/app"
)

// Store is a table.
type Store struct {
	db    *dynamodb.Client
	table string
}

var _ app.Store = (*Store)(nil)

// New is the store in a table that is there.
func New(c aws.Config, table string) *Store {
	return &Store{dynamodb.NewFromConfig(c, func(o *dynamodb.Options) {
		// The checksum is of the HTTP body, which TLS protects; with it, the
		// SDK warns about dynalite's answers.
		o.DisableValidateResponseChecksum = true
	}), table}
}

// key is what every item has.
type key struct {
	PK string `dynamodbav:"pk"`
	SK string `dynamodbav:"sk"`
}

func (k key) attributes() map[string]types.AttributeValue {
	return map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: k.PK},
		"sk": &types.AttributeValueMemberS{Value: k.SK},
	}
}

func seconds(t time.Time) int64 { return t.Unix() }

// milliseconds and moment keep a time that may be zero.
func milliseconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

// mortal is an item that ends.
type mortal interface{ ends() int64 }

func there(m mortal) bool { return m.ends() > seconds(time.Now()) }

// get reads an item into a struct, and says whether it is there.
func get[T mortal](ctx context.Context, s *Store, k key) (item T, found bool, err error) {
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{TableName: &s.table, Key: k.attributes(), ConsistentRead: aws.Bool(true)})
	if err != nil || out.Item == nil {
		return item, false, err
	}
	if err := attributevalue.UnmarshalMap(out.Item, &item); err != nil {
		return item, false, err
	}
	return item, there(item), nil
}

// query reads items in the order of their sort keys, or backwards, as many as
// are there or the limit, if it is not zero. DynamoDB returns one MB at once.
func query[T mortal](ctx context.Context, s *Store, pk, from, to string, backwards bool, limit int) (found []T, err error) {
	in := &dynamodb.QueryInput{
		TableName:              &s.table,
		ConsistentRead:         aws.Bool(true),
		ScanIndexForward:       aws.Bool(!backwards),
		KeyConditionExpression: aws.String("pk = :pk AND sk BETWEEN :from AND :to"),
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":pk": text(pk), ":from": text(from), ":to": text(to),
		},
	}
	for {
		if limit > 0 {
			in.Limit = aws.Int32(int32(limit - len(found)))
		}
		out, err := s.db.Query(ctx, in)
		if err != nil {
			return nil, err
		}
		var items []T
		if err := attributevalue.UnmarshalListOfMaps(out.Items, &items); err != nil {
			return nil, err
		}
		for _, item := range items {
			if there(item) {
				found = append(found, item)
			}
		}
		if out.LastEvaluatedKey == nil || limit > 0 && len(found) == limit {
			return found, nil
		}
		in.ExclusiveStartKey = out.LastEvaluatedKey
	}
}

// A condition is an expression about the item that is there, with its values.
type condition struct {
	expression string
	values     map[string]types.AttributeValue
}

// version is the condition that an item is the one that was read.
func version(v uint64) condition {
	now := number(seconds(time.Now()))
	if v == 0 {
		return condition{"attribute_not_exists(pk) OR #expires <= :now", map[string]types.AttributeValue{":now": now}}
	}
	return condition{"#version = :version AND #expires > :now", map[string]types.AttributeValue{
		":now": now, ":version": &types.AttributeValueMemberN{Value: strconv.FormatUint(v, 10)},
	}}
}

// put writes an item, or ErrConflict.
func (s *Store) put(ctx context.Context, item any, c condition) error {
	attributes, err := attributevalue.MarshalMap(item)
	if err != nil {
		return err
	}
	in := &dynamodb.PutItemInput{TableName: &s.table, Item: attributes}
	if c.expression != "" {
		in.ConditionExpression, in.ExpressionAttributeValues = &c.expression, c.values
		in.ExpressionAttributeNames = aliases(c.expression)
	}
	_, err = s.db.PutItem(ctx, in)
	return conflict(err)
}

// aliases are the names in an expression, for some are words of DynamoDB's.
func aliases(expression string) map[string]string {
	found := map[string]string{}
	for i := 0; i < len(expression); i++ {
		if expression[i] != '#' {
			continue
		}
		end := i + 1
		for end < len(expression) && expression[end] >= 'a' && expression[end] <= 'z' {
			end++
		}
		found[expression[i:end]] = expression[i+1 : end]
	}
	if len(found) == 0 {
		return nil
	}
	return found
}

func conflict(err error) error {
	if _, ok := errors.AsType[*types.ConditionalCheckFailedException](err); ok {
		return app.ErrConflict
	}
	return err
}

func (s *Store) delete(ctx context.Context, k key, c condition) error {
	in := &dynamodb.DeleteItemInput{TableName: &s.table, Key: k.attributes()}
	if c.expression != "" {
		in.ConditionExpression, in.ExpressionAttributeValues = &c.expression, c.values
		in.ExpressionAttributeNames = aliases(c.expression)
	}
	_, err := s.db.DeleteItem(ctx, in)
	return conflict(err)
}
