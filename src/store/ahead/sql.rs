//! The statement of a read ahead: a common table expression for each step, and one row that holds the rows of every step
//! as JSON, so that one round trip brings them all and one snapshot gives them all.

use sea_orm::sea_query::{
    Alias, Asterisk, ColumnType, CommonTableExpression, Expr, ExprTrait, JoinType, Order, Query, SelectStatement,
    WithClause, WithQuery,
};
use sea_orm::{ColumnTrait, Condition, DatabaseBackend, EntityTrait, IdenStatic, Iterable};

use crate::store::page::{PLACE, numbered, placed};

/// The key of a parent.
const KEY: &str = "k";

/// A step of the statement: its rows, and how they are written.
pub(super) struct Part {
    /// The rows, with their [`PLACE`]; 0 where they have no order.
    pub(super) rows: SelectStatement,
    /// The columns of a row as JSON, in the order of the model's fields.
    pub(super) row: String,
    /// Only the first so many below each parent are gone on from; the one after them says that there are more.
    pub(super) first: Option<u16>,
}

/// How rows below a parent are ordered and how many are read.
pub(super) struct Cut<C> {
    pub(super) order: Vec<(C, Order)>,
    pub(super) most: Option<u64>,
}

/// Stands for the first step in a text that is kept without it.
pub(super) const MARK: &str = "SELECT 'the first step'";

impl Part {
    /// The same part without its rows.
    pub(super) fn beside(&self) -> Self {
        let rows = Query::select().expr(Expr::cust("'the first step'")).take();
        Self { rows, row: self.row.clone(), first: self.first }
    }
}

fn name(step: usize) -> Alias {
    Alias::new(format!("s{step}"))
}

/// The columns of a table as a JSON array. A typed id of SQLite is a blob and a truth value a number, which JSON of
/// their own does not tell.
pub(super) fn row_of<E: EntityTrait>(backend: DatabaseBackend) -> String {
    let columns: Vec<_> = E::Column::iter()
        .map(|column| {
            let name = format!("\"{}\"", column.as_str());
            match (backend, column.def().get_column_type()) {
                (DatabaseBackend::Sqlite, ColumnType::Uuid) => format!("nullif(lower(hex({name})), '')"),
                (DatabaseBackend::Sqlite, ColumnType::Boolean) => {
                    format!("json(CASE {name} WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE 'null' END)")
                }
                _ => name,
            }
        })
        .collect();
    let function = if backend == DatabaseBackend::Sqlite { "json_array" } else { "json_build_array" };
    format!("{function}({})", columns.join(", "))
}

/// Rows that nothing is above of, in an order if they are a page.
pub(super) fn root<C: ColumnTrait>(mut rows: SelectStatement, cut: &Cut<C>) -> SelectStatement {
    placed_or_not(&mut rows, &cut.order);
    for (column, order) in &cut.order {
        rows.order_by(column.as_column_ref(), order.clone());
    }
    if let Some(most) = cut.most {
        rows.limit(most);
    }
    rows
}

/// The rows whose column `own` holds a value of the column `key` of an earlier step, cut below each.
pub(super) fn below<C: ColumnTrait>(
    backend: DatabaseBackend,
    (step, above): (usize, (usize, &Part)),
    key: &str,
    (own, mut rows): (C, SelectStatement),
    cut: &Cut<C>,
) -> SelectStatement {
    let (from, part) = above;
    let column = || Expr::col((name(from), Alias::new(key)));
    let mut keys = Query::select();
    keys.expr_as(column(), Alias::new(KEY)).from(name(from)).and_where(column().is_not_null());
    if key != "id" {
        keys.distinct();
    }
    if let Some(first) = part.first {
        keys.and_where(Expr::col((name(from), Alias::new(PLACE))).lte(i32::from(first)));
    }
    if backend == DatabaseBackend::Sqlite {
        rows.and_where(own.in_subquery(keys));
        return match cut.most {
            Some(most) if !cut.order.is_empty() => numbered(rows, own, &cut.order, most),
            _ => {
                placed_or_not(&mut rows, &cut.order);
                rows
            }
        };
    }
    // lateral, so that the rows of each parent are looked up by index whatever the planner thinks of how many there are: a
    // join over a table of a million rows is never better here. Where no limit keeps it so, an offset of none does
    let (keyed, found) = (Alias::new(format!("k{step}")), Alias::new(format!("x{step}")));
    rows.and_where(own.into_expr().equals((keyed.clone(), Alias::new(KEY))));
    let mut inner = root(rows, cut);
    if cut.most.is_none() {
        inner.offset(0);
    }
    Query::select()
        .column((found.clone(), Asterisk))
        .from_subquery(keys, keyed)
        .join_lateral(JoinType::InnerJoin, inner, found, Condition::all().add(Expr::cust("TRUE")))
        .take()
}

fn placed_or_not<C: ColumnTrait>(rows: &mut SelectStatement, order: &[(C, Order)]) {
    if order.is_empty() {
        rows.expr_as(Expr::cust("0"), Alias::new(PLACE));
    } else {
        placed(rows, None, order);
    }
}

/// All steps in one statement of one row, with a column `s0`, `s1` … for each.
pub(super) fn whole(backend: DatabaseBackend, parts: Vec<Part>) -> WithQuery {
    let mut with = WithClause::new();
    let mut select = Query::select();
    for (step, part) in parts.into_iter().enumerate() {
        let (table, row) = (format!("s{step}"), part.row);
        let rows = if backend == DatabaseBackend::Sqlite {
            format!("(SELECT json_group_array(json(r)) FROM (SELECT {row} AS r FROM {table} ORDER BY {PLACE}))")
        } else {
            format!("(SELECT json_agg({row} ORDER BY {PLACE})::text FROM {table})")
        };
        select.expr_as(Expr::cust(rows), Alias::new(&table));
        with.cte(CommonTableExpression::new().table_name(Alias::new(table)).query(part.rows).to_owned());
    }
    with.query(select)
}
