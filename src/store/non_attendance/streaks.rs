//! How many meetings about the same child an agency missed in a row, up to the last that was recorded.

use std::collections::HashMap;

use entity::id::AgencyId;
use entity::invitation::{self, Column as C};
use sea_orm::sea_query::{
    Alias, CaseStatement, Expr, ExprTrait, Func, Order, OverStatement as _, Query, WindowStatement,
};
use sea_orm::{ColumnTrait, ConnectionTrait};

use super::{Question, sql, start_of};
use crate::error::Result;
use crate::store::Scoped;
use crate::store::visible::{counted, counted_child};

/// The streaks of an agency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Streak {
    /// Missed in a row for one child, at the most.
    pub longest: i64,
    /// For how many children as many as the method tells.
    pub children: i64,
}

impl Scoped {
    /// The streaks of each agency, over what a question counts, however it is grouped.
    pub(super) async fn streaks(&self, question: &Question, running: i64) -> Result<HashMap<AgencyId, Streak>> {
        let name = Alias::new;
        let mut rows = Query::select();
        rows.expr_as(C::AgencyId.into_expr(), name("agency_id")).from(invitation::Entity);
        let child = sql::child_of(&mut rows);
        rows.cond_where(counted_child(&self.who, child.clone()));
        let mut newest_first = WindowStatement::new();
        newest_first
            .partition_by(C::AgencyId.as_column_ref())
            .add_partition_by(child.clone())
            .order_by(C::ScheduledAt.as_column_ref(), Order::Desc)
            .order_by(C::Id.as_column_ref(), Order::Desc);
        rows.expr_as(child, name("child"))
            .expr_as(CaseStatement::new().case(sql::missed(), 1).finally(0), name("missed"))
            .expr_window_as(Expr::cust("ROW_NUMBER()"), newest_first, name("place"))
            .cond_where(counted(&self.who))
            .and_where(C::Attendance.is_not_null())
            .and_where(C::ScheduledAt.gte(start_of(question.from)))
            .and_where(C::ScheduledAt.lt(Ord::min(start_of(question.until), self.who.at)))
            .cond_where(sql::narrowed(question));
        sql::join(&mut rows, question);
        // before the last one that was attended; all where none was
        let attended = Func::min(CaseStatement::new().case(Expr::col(name("missed")).eq(0), Expr::col(name("place"))));
        let run = Func::coalesce([Expr::from(attended).sub(1), Func::count(Expr::val(1)).into()]);
        let runs = Query::select()
            .column(name("agency_id"))
            .expr_as(run, name("run"))
            .from_subquery(rows, name("each"))
            .add_group_by([Expr::col(name("agency_id")), Expr::col(name("child"))])
            .take();
        let many = CaseStatement::new().case(Expr::col(name("run")).gte(running), 1);
        let streaks = Query::select()
            .column(name("agency_id"))
            .expr_as(Func::max(Expr::col(name("run"))), name("longest"))
            .expr_as(Func::count(many), name("children"))
            .from_subquery(runs, name("runs"))
            .add_group_by([Expr::col(name("agency_id"))])
            .take();
        let pool = &self.store.db.pool;
        let rows = pool.query_all_raw(pool.get_database_backend().build(&streaks)).await?;
        let streak = |row: &sea_orm::QueryResult| -> Result<_> {
            let streak = Streak { longest: row.try_get("", "longest")?, children: row.try_get("", "children")? };
            Ok((row.try_get("", "agency_id")?, streak))
        };
        rows.iter().map(streak).collect()
    }
}
