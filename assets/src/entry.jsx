import './workers.js';
import 'graphiql/style.css';
import './page.css';
import { useGraphiQLActions } from '@graphiql/react';
import { GraphiQL } from 'graphiql';
import { useEffect, useRef, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { fetcherWith } from './fetcher.js';
import { TokenBar } from './tokens.jsx';

const welcome = `# Quorate: the API the agencies around a child work through.
#
# 1. Paste a token into the box at the top of the page. What you see is what the
#    bearer of that token may see; switch tokens there to compare two people.
# 2. Open the documentation with the book on the left: every field says who sees
#    it, and who sees null instead.
# 3. Type "{" and press Ctrl+Space for suggestions; Ctrl+Enter runs the query.
#
# Good first questions: who am I (viewer), which reports is my agency asked for
# and by when (reportRequests), what does this conference still lack before it
# is quorate (conference), where has non-attendance become a pattern
# (nonAttendance). A subscription such as events stays open until you stop it.
#
# The query below runs for everybody: it lists what can be asked.

query WhatCanIAsk {
  __schema {
    queryType {
      fields {
        name
        description
      }
    }
  }
}
`;

// Queries and variables may name a child: they outlive a reload, but not the tab.
const storage = {
  getItem: (key) => sessionStorage.getItem(key),
  setItem: (key, value) => sessionStorage.setItem(key, value),
  removeItem: (key) => sessionStorage.removeItem(key),
  clear: () => sessionStorage.clear(),
  get length() {
    return sessionStorage.length;
  },
};

/** Loads the documentation anew when somebody else is acting. */
function SchemaOf({ token }) {
  const { introspect } = useGraphiQLActions();
  const loadedFor = useRef(token);
  useEffect(() => {
    if (loadedFor.current === token) return;
    loadedFor.current = token;
    introspect();
  }, [token, introspect]);
  return null;
}

function Page() {
  const [token, setToken] = useState('');
  const current = useRef('');
  const fetcher = useRef(fetcherWith(() => current.current));

  function actWith(next) {
    current.current = next;
    setToken(next);
  }

  return (
    <>
      <TokenBar token={token} onToken={actWith} />
      <GraphiQL fetcher={fetcher.current} defaultQuery={welcome} shouldPersistHeaders={false} storage={storage}>
        <GraphiQL.Logo>
          <SchemaOf token={token} />
        </GraphiQL.Logo>
      </GraphiQL>
    </>
  );
}

createRoot(document.getElementById('root')).render(<Page />);
